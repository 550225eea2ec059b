import { inspect } from 'node:util';
import type { Pipeline } from './export/pipeline.ts';
import type { LogEntry } from './logs/log-record.ts';
import { ProcessLoggerProvider } from './logs/logger-provider.ts';
import { hearPinoLines } from './logs/pino-lines.ts';
import { registerLoggerProvider, unregisterLoggerProvider } from './opentelemetry/logs-api.ts';
import type { Resource } from './opentelemetry/sdk.ts';
import type { TraceClock } from './sdk/clock.ts';
import type { LogSettings } from './settings/index.ts';

/** What log records are made with, and where they go. */
export interface LogParts {
  readonly resource: Resource;
  readonly clock: TraceClock;
  /** Undefined unless they are exported by OTLP. */
  readonly delivery: Pipeline<LogEntry> | undefined;
}

/** Log records on their way out. */
export interface RunningLogs {
  readonly delivery: Pipeline<LogEntry> | undefined;
  /** No further lines are heard. */
  stop(): void;
}

/**
 * Makes log records of the lines that pino's loggers write, and of what code emits by `@opentelemetry/api-logs`;
 * undefined when OTEL_LOGS_EXPORTER is `none`.
 */
export function startLogs(
  { exporters }: LogSettings,
  { resource, clock, delivery }: LogParts,
): RunningLogs | undefined {
  if (exporters.length === 0) return undefined;
  const isPrinted = exporters.includes('console');
  const take = (entry: LogEntry) => {
    delivery?.add(entry);
    if (isPrinted) printLogEntry(entry);
  };
  const stopHearing = hearPinoLines(take, { resource, clock });
  registerLoggerProvider(new ProcessLoggerProvider({ resource, clock, take }));
  return {
    delivery,
    stop() {
      stopHearing();
      unregisterLoggerProvider();
    },
  };
}

/**
 * OTEL_LOGS_EXPORTER=console: prints each log record as OpenTelemetry's ConsoleLogRecordExporter does, by itself: code
 * that makes log lines of what `console` is told would else be told of them again.
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
