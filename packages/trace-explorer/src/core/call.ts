import { basename, delimiter, dirname, relative, sep } from 'node:path';
import { shellWord } from './shared/harmless-text.ts';

const LAUNCHER = process.env.TANDEM;

/** The words before the explorer's commands: in the workspace its launcher, elsewhere the command that started this process. */
export const TYPED =
  LAUNCHER ||
  (import.meta.filename.endsWith('.ts') ? 'node tandem' : installedCommand(thisScript(), process));

/** The command that starts the explorer, also from another folder than the workspace. */
export const START = LAUNCHER ? `${LAUNCHER} dev` : installedCommand(thisScript(), process);

/** The command that starts the explorer alone, and opens its page in the browser. */
export const OPEN = LAUNCHER ? `${LAUNCHER} open` : `${START} --open`;

/** The command that shows a folder of data. */
export function openWith(folder: string): string {
  const near = relative(process.cwd(), folder) || '.';
  return `${OPEN} --data-dir ${shellWord(near.length < folder.length ? near : folder)}`;
}

/**
 * The command of an installed explorer. A package that npx holds in its cache has no name that a shell finds, so the
 * command then names the file.
 * @param script path of the file that Node runs, or of npm's link to the file
 */
export function installedCommand(script: string, { cwd, env }: Pick<NodeJS.Process, 'cwd' | 'env'>): string {
  const folder = dirname(script);
  if (basename(script) === 'trace-explorer') {
    const isNpms = folder.endsWith(`${sep}node_modules${sep}.bin`);
    const root = dirname(dirname(folder));
    if (isNpms && `${cwd()}${sep}`.startsWith(`${root}${sep}`)) return 'npx --no trace-explorer';
    if (!isNpms && env.PATH?.split(delimiter).includes(folder)) return 'trace-explorer';
  }
  return `node ${shellWord(script)}`;
}

function thisScript(): string {
  return process.argv[1] ?? '';
}
