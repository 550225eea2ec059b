import { join } from 'node:path';
import { printLogEntry } from './console/console-log-exporter.ts';
import type { Pipeline } from './export/pipeline.ts';
import { createPipeline } from './export/pipeline.ts';
import { LOG_RECORDS } from './export/signal.ts';
import type { FailureReporter } from './failures/export-failure.ts';
import type { Logger } from './logger.ts';
import type { LogEntry } from './logs/log-record.ts';
import { ProcessLoggerProvider } from './logs/logger-provider.ts';
import { hearPinoLines } from './logs/pino-lines.ts';
import { registerLoggerProvider, unregisterLoggerProvider } from './opentelemetry/logs-api.ts';
import type { Resource } from './opentelemetry/sdk.ts';
import type { TraceClock } from './sdk/clock.ts';
import { redactionOf } from './sdk/redact-attributes.ts';
import type { TelemetrySettings } from './settings/index.ts';
import { logRecordEncoder } from './wire/encode-log.ts';

/** What log records are made with, and who is told of failed exports. */
export interface LogParts {
  readonly resource: Resource;
  readonly clock: TraceClock;
  readonly reporter: FailureReporter;
  readonly log: Logger;
}

/** Log records on their way out. */
export interface RunningLogs {
  /** Undefined unless they are exported by OTLP. */
  readonly delivery: Pipeline<LogEntry> | undefined;
  /** No further lines are heard. */
  stop(): void;
}

/**
 * Makes log records of the lines that pino's loggers write, and of what code emits by `@opentelemetry/api-logs`;
 * undefined when OTEL_LOGS_EXPORTER is `none`.
 */
export function startLogs(settings: TelemetrySettings, parts: LogParts): RunningLogs | undefined {
  const { exporters } = settings.logs;
  if (exporters.length === 0) return undefined;
  const delivery = exporters.includes('otlp') ? startDelivery(settings, parts) : undefined;
  const isPrinted = exporters.includes('console');
  const take = (entry: LogEntry) => {
    delivery?.add(entry);
    if (isPrinted) printLogEntry(entry);
  };
  const { resource, clock } = parts;
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

function startDelivery(settings: TelemetrySettings, { reporter, log }: LogParts): Pipeline<LogEntry> {
  const { redactAttributes } = settings;
  const isRedacted = redactAttributes.length === 0 ? undefined : redactionOf(redactAttributes);
  return createPipeline(LOG_RECORDS, logRecordEncoder({ limits: settings.logs.limits, isRedacted }), {
    serviceName: settings.service.name,
    destinations: settings.logs.destinations,
    batch: settings.logs.batch,
    spool: { directory: join(settings.dataDirectory, 'spool') },
    reporter,
    log,
  });
}
