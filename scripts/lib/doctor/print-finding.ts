import { styleText } from 'node:util';
import type { Finding, FindingLevel } from '@tandem/telemetry/doctor';

const MARKS: Readonly<Record<FindingLevel, string>> = {
  ok: styleText('green', 'ok     '),
  note: styleText('cyan', 'note   '),
  warning: styleText('yellow', 'warning'),
  problem: styleText('red', 'PROBLEM'),
};

/** One finding as lines for a terminal; a level is a word, not a colour alone. */
export function printFinding({ check, level, what, fix }: Finding): string {
  const line = `${MARKS[level]}  ${check.padEnd(13)}  ${what}\n`;
  return fix === undefined ? line : `${line}${' '.repeat(24)}→ ${fix}\n`;
}
