import { harmless, harmlessLine } from '../../../lib/text/harmless-text.ts';
import { levelWord } from '../../../lib/text/log-levels.ts';
import type { LogEntry } from '../../logs/schemas.ts';
import { exceptionOf } from '../../traces/model/log-exception.ts';
import type { Colours } from './colours.ts';

/** Columns of a level's word. */
export const LEVEL_WIDTH = 5;

/** The level's word in `LEVEL_WIDTH` columns and in its colour. */
export function paintedLevel({ severity }: LogEntry, colours: Colours): string {
  const word = levelWord(severity).padEnd(LEVEL_WIDTH);
  if (severity === 'fatal' || severity === 'error') return colours.error(word);
  if (severity === 'warn') return colours.warning(word);
  return severity === 'info' ? word : colours.dim(word);
}

/** The attributes as `name=value`, without the attributes of the exception; maps and lists as JSON. */
export function attributesOf({ attributes }: LogEntry): string {
  return Object.entries(attributes)
    .filter(([name]) => !name.startsWith('exception.'))
    .map(([name, value]) => `${harmlessLine(name)}=${harmlessLine(valueText(value))}`)
    .join(' ');
}

/** Lines of the exception's stack, indented; none where there is none. */
export function stackLines({ attributes }: LogEntry): string[] {
  const stack = exceptionOf(attributes)?.stack;
  return stack === undefined
    ? []
    : stack
        .trimEnd()
        .split(/\r?\n/)
        .map((line) => `    ${harmless(line.replaceAll('\t', '  '))}`);
}

function valueText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /[\s"=]/.test(value) ? JSON.stringify(value) : value;
}
