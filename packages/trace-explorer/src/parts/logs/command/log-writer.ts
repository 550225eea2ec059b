import type { Colours } from '../../../core/command/terminal/colours.ts';
import { attributesOf, paintedLevel, stackLines } from '../../../core/command/terminal/log-line.ts';
import { columnsOf } from '../../../core/command/terminal/terminal-text.ts';
import type { LogEntry } from '../../../core/logs/schemas.ts';
import { lineText } from '../../../core/traces/model/log-exception.ts';
import { harmless, harmlessLine } from '../../../lib/text/harmless-text.ts';

/** Names of services are padded to this number of columns at most. */
const MAX_SERVICE = 24;

/** Writes log records as text: time, level, service, message, attributes, trace, and below it the stack of an exception. */
export function lineWriter(colours: Colours): (logs: readonly LogEntry[]) => string {
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
        const trace = entry.trace_id === undefined ? '' : `trace=${entry.trace_id}`;
        const rest = [attributesOf(entry), trace].filter((part) => part !== '').join(' ');
        const said = `${harmlessLine(lineText(entry))}${rest === '' ? '' : `  ${colours.dim(rest)}`}`;
        const head = `${colours.dim(localTime(entry))} ${paintedLevel(entry, colours)} ${service} ${said}`;
        const stack = stackLines(entry).map(colours.dim);
        return [head, ...stack].map((line) => `${line}\n`).join('');
      })
      .join('');
  };
}

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

/** The time of day, with the date if the date is not today's. */
function localTime({ time_ns }: LogEntry): string {
  const at = new Date(Number(BigInt(time_ns) / 1_000_000n));
  const day = (date: Date) => date.toLocaleDateString('sv-SE');
  const time = clock.format(at);
  return day(at) === day(new Date()) ? time : `${day(at)} ${time}`;
}
