import { inspect } from 'node:util';
import type { LogEntry } from '../logs/log-record.ts';

/**
 * OTEL_LOGS_EXPORTER=console: prints each log record as OpenTelemetry's ConsoleLogRecordExporter does, by itself: code
 * that makes log lines of what `console` is told would else be told of them again.
 */
export function printLogEntry(entry: LogEntry): void {
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
