/** Fields that are the same on each line of a process, or that a short line says already. */
const LEFT_OUT = ['pid', 'hostname', 'service.name', 'trace_flags', 'event', 'telemetry'];

/** A line of a service's log for people: time, level, message, and the other fields. Any other line unchanged. */
export function readableLine(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const { level, time, msg = '', err, ...fields } = JSON.parse(line);
    const rest = Object.fromEntries(Object.entries(fields).filter(([name]) => !LEFT_OUT.includes(name)));
    const shown = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
    return `[${new Date(time).toTimeString().slice(0, 8)}] ${level.toUpperCase()}: ${msg}${shown}${err?.stack ? `\n${err.stack}` : ''}`;
  } catch {
    return line; // another program's
  }
}
