import type { LogEntry } from '../../logs/read-logs.ts';
import { harmless, harmlessLine } from '../../shared/harmless-text.ts';
import { exceptionLine, exceptionOf } from '../../shared/log-exception.ts';
import type { Colours } from './colours.ts';

/** Columns of a level's word. */
export const LEVEL_WIDTH = 5;

/** The level as a word of `LEVEL_WIDTH` columns, in its colour; `–` where the record has none. */
export function levelWord({ severity }: LogEntry, colours: Colours): string {
  const word = (severity === 'unspecified' ? '–' : severity.toUpperCase()).padEnd(LEVEL_WIDTH);
  if (severity === 'fatal' || severity === 'error') return colours.error(word);
  if (severity === 'warn') return colours.warning(word);
  return severity === 'info' ? word : colours.dim(word);
}

/** The record's message on one line: its body, else the name of its event, and its exception. */
export function logText({ body, event_name, attributes }: LogEntry): string {
  const exception = exceptionOf(attributes);
  const said = body || event_name || '';
  const thrown = exception === undefined ? '' : exceptionLine(exception);
  const both = said.includes(thrown) ? [said] : [said, thrown];
  return harmlessLine(both.filter((part) => part !== '').join(' · ')) || '(no text)';
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
