import type { LogEntry } from '../logs/read-logs.ts';
import type { Colours } from './colours.ts';
import { attributesOf, levelWord, messageOf, stackLines } from './log-line.ts';
import { columnsOf, harmless } from './terminal-text.ts';

/** Columns that names of services are padded to at most. */
const MAX_SERVICE = 24;

/** Characters of a message and its attributes, and of a line of a stack: a process that starts says more, of its settings. */
export const MAX_LINE = 500;
/** Of these the attributes have so many, however long the message is. */
const MIN_ATTRIBUTES = 100;

/**
 * Lines as text: time, level, service, message, trace, attributes, and below it the stack of an exception.
 * @param isFull whether long lines are not cut
 */
export function lineWriter({
  colours,
  isFull,
}: {
  readonly colours: Colours;
  readonly isFull: boolean;
}): (logs: readonly LogEntry[]) => string {
  const cut = (text: string, room: number) => (isFull ? text : shortened(text, room));
  const names = new Set<string>();
  let width = 0;
  return (logs) => {
    for (const { service } of logs) {
      names.add(service);
      width = Math.min(MAX_SERVICE, Math.max(width, columnsOf(harmless(service))));
    }
    const paint = colours.services([...names]);
    return logs
      .map((entry) => {
        const name = harmless(entry.service);
        const service = paint(entry.service, name) + ' '.repeat(Math.max(0, width - columnsOf(name)));
        const message = cut(messageOf(entry), MAX_LINE);
        const attributes = cut(attributesOf(entry), Math.max(MIN_ATTRIBUTES, MAX_LINE - message.length));
        const trace = entry.trace_id === undefined ? '' : `trace=${entry.trace_id}`;
        const rest = [attributes, trace].filter((part) => part !== '').join(' ');
        const said = `${message}${rest === '' ? '' : `  ${colours.dim(rest)}`}`;
        const head = `${colours.dim(localTime(entry))} ${levelWord(entry, colours)} ${service} ${said}`;
        const stack = stackLines(entry).map((line) => colours.dim(cut(line, MAX_LINE)));
        return [head, ...stack].map((line) => `${line}\n`).join('');
      })
      .join('');
  };
}

/** The beginning of a text that is too long, and how much is missing. */
function shortened(text: string, room: number): string {
  if (text.length <= room) return text;
  const kept = text.slice(0, room).toWellFormed();
  return `${kept}… (${(text.length - room).toLocaleString('en-US')} more characters: --full)`;
}

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

/** The time of day, with the date when it is not today's. */
function localTime({ time_ns }: LogEntry): string {
  const at = new Date(Number(BigInt(time_ns) / 1_000_000n));
  const day = (date: Date) => date.toLocaleDateString('sv-SE');
  const time = clock.format(at);
  return day(at) === day(new Date()) ? time : `${day(at)} ${time}`;
}
