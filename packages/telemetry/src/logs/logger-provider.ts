import type { HrTime } from '@opentelemetry/api';
import { context, trace } from '@opentelemetry/api';
import type { Logger, LoggerOptions, LoggerProvider, LogRecord } from '@opentelemetry/api-logs';
import type { InstrumentationScope, Resource } from '../opentelemetry/sdk.ts';
import { exceptionAttributes } from '../sdk/exception-attributes.ts';
import { RecordedSpan } from '../sdk/recorded-span.ts';
import type { TraceClock } from '../sdk/trace-clock.ts';
import type { LogEntry } from './log-record.ts';

/** What the records of a process are made with. */
export interface LoggerProviderOptions {
  readonly resource: Resource;
  readonly clock: TraceClock;
  readonly take: (entry: LogEntry) => void;
}

/** Loggers for code that is instrumented with `@opentelemetry/api-logs` (OpenTelemetry specification, Logs SDK). */
export class ProcessLoggerProvider implements LoggerProvider {
  readonly #options: LoggerProviderOptions;
  readonly #loggers = new Map<string, Logger>();

  constructor(options: LoggerProviderOptions) {
    this.#options = options;
  }

  getLogger(name: string, version?: string, options?: LoggerOptions): Logger {
    const schemaUrl = options?.schemaUrl;
    const key = JSON.stringify([name, version, schemaUrl]);
    let logger = this.#loggers.get(key);
    if (logger === undefined) {
      const scope = { name, version, schemaUrl } as InstrumentationScope;
      logger = { enabled: () => true, emit: (record) => this.#emit(scope, record) };
      this.#loggers.set(key, logger);
    }
    return logger;
  }

  #emit(instrumentationScope: InstrumentationScope, record: LogRecord): void {
    const { resource, clock, take } = this.#options;
    const span = trace.getSpan(record.context ?? context.active());
    const anchor = span instanceof RecordedSpan ? span.anchor : clock.anchor();
    const observedTime: HrTime = clock.toHrTime(anchor, record.observedTimestamp);
    const time = record.timestamp === undefined ? observedTime : clock.toHrTime(anchor, record.timestamp);
    const { severityNumber = 0, severityText = '', body, eventName = '', exception } = record;
    // Taken now: the caller may change its object, and the span ends.
    const attributes = {
      ...(exception instanceof Error || typeof exception === 'string' ? exceptionAttributes(exception) : {}),
      ...record.attributes, // what the caller says of an exception goes before what it is
    };
    const spanContext = span?.spanContext();
    const data = {
      time,
      observedTime,
      severityNumber,
      severityText,
      body,
      attributes,
      spanContext,
      eventName,
    };
    take({ resource, instrumentationScope, read: () => data });
  }
}
