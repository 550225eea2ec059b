import { inspect } from 'node:util';
import type { LogEntry, LogOrigin } from './log-record.ts';
import { takeLogRecords } from './logger-provider.ts';
import { hearPinoLines } from './pino-lines.ts';

/**
 * Makes log records of the lines that pino's loggers write, and of what code emits by `@opentelemetry/api-logs`.
 *
 * @param isPrinted OTEL_LOGS_EXPORTER has `console`
 * @param deliver undefined unless records are exported by OTLP
 * @returns how to stop: no further lines are heard
 */
export function startLogs(
  origin: LogOrigin,
  isPrinted: boolean,
  deliver: ((entry: LogEntry) => void) | undefined,
): () => void {
  const take = (entry: LogEntry) => {
    deliver?.(entry);
    if (isPrinted) printLogEntry(entry);
  };
  const stopHearing = hearPinoLines(take, origin);
  const stopTaking = takeLogRecords(take, origin);
  return () => {
    stopHearing();
    stopTaking();
  };
}

/**
 * Prints a log record as OpenTelemetry's ConsoleLogRecordExporter does, but not by `console`: code that makes log lines of
 * what `console` is told would be told of them again.
 */
function printLogEntry(entry: LogEntry): void {
  const { time, severityNumber, severityText, body, attributes, spanContext, eventName } = entry.read();
  const [seconds, nanoseconds] = time;
  const record = {
    resource: { attributes: entry.resource.attributes },
    instrumentationScope: entry.instrumentationScope,
    timestamp: seconds * 1e6 + nanoseconds / 1e3,
    traceId: spanContext?.traceId,
    spanId: spanContext?.spanId,
    traceFlags: spanContext?.traceFlags,
    severityText: severityText || undefined,
    severityNumber: severityNumber || undefined,
    eventName: eventName || undefined,
    body,
    attributes,
  };
  process.stdout.write(`${inspect(record, { depth: 3, customInspect: false })}\n`);
}
