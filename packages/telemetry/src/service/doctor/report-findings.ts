import { styleText } from 'node:util';
import { stringifyJson } from '../../common/primordials.ts';
import type { Finding, FindingLevel } from './finding.ts';

const MARKS: Readonly<Record<FindingLevel, string>> = {
  ok: styleText('green', 'ok     '),
  note: styleText('cyan', 'note   '),
  warning: styleText('yellow', 'warning'),
  problem: styleText('red', 'PROBLEM'),
};

/**
 * Writes each finding at once for people, or all findings as JSON.
 *
 * @returns the exit code: 1 when there is a problem
 */
export async function reportFindings(
  findings: AsyncIterable<Finding>,
  { json }: { readonly json: boolean },
  write: (text: string) => void = (text) => void process.stdout.write(text),
): Promise<number> {
  const all: Finding[] = [];
  for await (const finding of findings) {
    all.push(finding);
    if (!json) write(linesOf(finding));
  }
  const count = (level: FindingLevel) => all.filter((finding) => finding.level === level).length;
  const problems = count('problem');
  write(
    json
      ? `${stringifyJson({ ok: problems === 0, findings: all }, null, 2)}\n`
      : `\n${plural(problems, 'problem', 'No')}, ${plural(count('warning'), 'warning', 'no')}.\n`,
  );
  return problems === 0 ? 0 : 1;
}

/** Shows a level as a word, not as a colour alone. */
function linesOf({ check, level, what, fix }: Finding): string {
  const line = `${MARKS[level]}  ${check.padEnd(13)}  ${what}\n`;
  return fix === undefined ? line : `${line}${' '.repeat(24)}→ ${fix}\n`;
}

function plural(number: number, word: string, none: string): string {
  return `${number === 0 ? none : number} ${word}${number === 1 ? '' : 's'}`;
}
