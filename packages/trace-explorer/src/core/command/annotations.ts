import { isAbsolute, relative, resolve } from 'node:path';
import { masked } from '../redaction/masked.ts';

/** A line of code that something is said of. */
export interface Annotated {
  readonly file: string;
  readonly line?: number | undefined;
  readonly what: string;
}

/** GitHub shows ten warnings of a step. */
const MOST = 10;

/**
 * Lines that GitHub's runner shows as warnings at lines of code, each with a line break; empty elsewhere.
 * @param places with files as the command's folder sees them
 */
export function annotations(places: readonly Annotated[], env: NodeJS.ProcessEnv): string {
  if (env.GITHUB_ACTIONS !== 'true') return '';
  const lines = places.slice(0, MOST).flatMap(({ file, line, what }) => {
    const path = relative(env.GITHUB_WORKSPACE || process.cwd(), resolve(file)).replaceAll('\\', '/');
    if (path.startsWith('../') || isAbsolute(path)) return [];
    const at = line === undefined ? '' : `,line=${line}`;
    return `::warning file=${escaped(path).replace(/:/g, '%3A').replace(/,/g, '%2C')}${at}::${escaped(masked(what))}\n`;
  });
  return lines.join('');
}

function escaped(text: string): string {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}
