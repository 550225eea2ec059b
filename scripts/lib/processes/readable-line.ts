import { styleText } from 'node:util';

/** Fields that are the same on each line of a process, or that a short line says already. */
const LEFT_OUT = ['pid', 'hostname', 'service.name', 'trace_flags', 'event', 'telemetry'];

/** Colours of levels on a terminal. */
const COLORS: Readonly<Record<string, Parameters<typeof styleText>[0]>> = {
  fatal: ['bold', 'red'],
  error: 'red',
  warn: 'yellow',
  info: 'green',
};

/**
 * A line of a service's log for people: time, level, message, the other fields, and the stack of an error; in colours on a
 * terminal. Any other line unchanged.
 */
export function readableLine(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const { level, time, msg = '', err = {}, ...others } = JSON.parse(line);
    const { stack, ...ofError } = Object(err);
    // The stack begins with them.
    if (stack !== undefined) for (const name of ['type', 'message']) delete ofError[name];
    const fields = { ...others, ...(Object.keys(ofError).length > 0 && { err: ofError }) };
    for (const name of LEFT_OUT) delete fields[name];
    const words = [
      `[${clockTime(new Date(time))}]`,
      `${styleText(COLORS[level] ?? 'dim', level.toUpperCase())}:`,
      styleText('cyan', msg),
      Object.keys(fields).length === 0 ? '' : JSON.stringify(fields),
    ];
    const text = words.filter((word) => word !== '').join(' ');
    return stack === undefined ? text : `${text}\n${stack}`;
  } catch {
    return line; // another program's
  }
}

/** `10:31:54.567`, as the clock on the wall has it. */
function clockTime(time: Date): string {
  return `${time.toTimeString().slice(0, 8)}.${time.toISOString().slice(20, 23)}`;
}
