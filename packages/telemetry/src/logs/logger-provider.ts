import type { Attributes, Exception, HrTime } from '@opentelemetry/api';
import { context, isSpanContextValid, trace } from '@opentelemetry/api';
import type { Logger, LoggerOptions, LoggerProvider, LogRecord } from '@opentelemetry/api-logs';
import type { Resource } from '../opentelemetry/sdk.ts';
import { copyValue, exceptionAttributes, limitAttributes } from '../sdk/attributes.ts';
import type { TraceClock } from '../sdk/clock.ts';
import { RecordedSpan } from '../sdk/span.ts';
import type { LogEntry, LogScope } from './log-record.ts';

/** What the records of a process are made with. */
export interface LoggerProviderOptions {
  readonly resource: Resource;
  readonly clock: TraceClock;
  readonly take: (entry: LogEntry) => void;
}

/** What OpenTelemetry's SDK calls a logger without a name. */
const UNNAMED = 'unknown';

/** Loggers for code that is instrumented with `@opentelemetry/api-logs` (OpenTelemetry specification, Logs SDK). */
export class ProcessLoggerProvider implements LoggerProvider {
  readonly #options: LoggerProviderOptions;
  readonly #loggers = new Map<string, Logger>();

  constructor(options: LoggerProviderOptions) {
    this.#options = options;
  }

  getLogger(name: string, version?: string, options?: LoggerOptions): Logger {
    const { schemaUrl, attributes } = options ?? {};
    const scope = {
      name: name || UNNAMED,
      version,
      schemaUrl,
      ...(attributes && limitAttributes(attributes)),
    } as LogScope;
    const key = JSON.stringify(scope);
    let logger = this.#loggers.get(key);
    if (logger === undefined) {
      logger = { enabled: () => true, emit: (record) => this.#emit(scope, record) };
      this.#loggers.set(key, logger);
    }
    return logger;
  }

  #emit(instrumentationScope: LogScope, record: LogRecord): void {
    const { resource, clock, take } = this.#options;
    const span = trace.getSpan(record.context ?? context.active());
    const anchor = span instanceof RecordedSpan ? span.anchor : clock.anchor();
    const observedTime: HrTime = clock.toHrTime(anchor, record.observedTimestamp);
    const time = record.timestamp === undefined ? observedTime : clock.toHrTime(anchor, record.timestamp);
    const { severityNumber = 0, severityText = '', body, eventName = '', exception } = record;
    // Taken now: the caller may change its object, and the span ends.
    const { attributes } = limitAttributes(record.attributes);
    // What the caller says of an exception goes before what it is.
    for (const [key, value] of Object.entries(attributesOf(exception))) attributes[key] ??= value;
    const spanContext = span?.spanContext();
    const data = {
      time,
      observedTime,
      severityNumber,
      severityText,
      body: copyValue(body) ?? body,
      attributes,
      spanContext: spanContext && isSpanContextValid(spanContext) ? spanContext : undefined,
      eventName,
    };
    take({ resource, instrumentationScope, read: () => data });
  }
}

/** An exception may be anything that can be thrown. */
function attributesOf(exception: unknown): Attributes {
  if (typeof exception === 'number') return exceptionAttributes(String(exception));
  const says = typeof exception === 'string' || (typeof exception === 'object' && exception !== null);
  return says ? exceptionAttributes(exception as Exception) : {};
}
