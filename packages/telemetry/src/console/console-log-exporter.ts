import type { LogEntry } from '../logs/log-record.ts';
import { severityName } from '../logs/severity.ts';

/** OTEL_LOGS_EXPORTER=console: prints each log record as one line of text, with the span in which it was written. */
export function printLogEntry(
  entry: LogEntry,
  write: (text: string) => void = (text) => process.stdout.write(text),
): void {
  const { time, severityNumber, severityText, body, attributes, spanContext } = entry.read();
  const [seconds, nanoseconds] = time;
  const at = new Date(seconds * 1000 + nanoseconds / 1e6).toISOString();
  const where = spanContext === undefined ? '' : ` trace ${spanContext.traceId} span ${spanContext.spanId}`;
  const level = severityText === '' ? severityName(severityNumber) : severityText;
  write(`${at} ${level} ${text(body)} ${JSON.stringify(attributes)}${where}\n`);
}

function text(body: unknown): string {
  return typeof body === 'string' ? body : (JSON.stringify(body) ?? '');
}
