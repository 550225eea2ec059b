import type { Attributes, Exception } from '@opentelemetry/api';
import * as api from '@opentelemetry/api';
import type { Logger, LoggerOptions, LoggerProvider, LogRecord } from '@opentelemetry/api-logs';
import { logs } from '@opentelemetry/api-logs';
import type { LogEntry, LogScope, LogSink } from '../logs/log-record.ts';
import { logSink } from '../logs/log-record.ts';
import { copyValue, exceptionAttributes, limitAttributes } from '../sdk/attributes.ts';
import { RecordedSpan } from '../sdk/span.ts';

/** API 1.10 has `logs` of `@opentelemetry/api-logs` in itself; API 1.9 has nothing of it. */
const ALL_LOGS: readonly Pick<typeof logs, 'setGlobalLoggerProvider' | 'disable'>[] = [
  logs,
  Reflect.get(api, 'logs') ?? [],
].flat();

/**
 * Exports the records of code with `@opentelemetry/api-logs`, or with the API's own `logs`, beside the lines of pino
 * (OpenTelemetry specification, Logs SDK). While no telemetry runs, the records are dropped.
 *
 * @example
 * ```ts
 * // telemetry.ts, for `node --import ./telemetry.ts main.ts`
 * export const telemetry = registerTelemetry();
 * takeLogRecords();
 * ```
 * @returns how to stop
 */
export function takeLogRecords(): () => void {
  const provider: LoggerProvider = {
    getLogger(name: string, version?: string, options: LoggerOptions = {}): Logger {
      const { schemaUrl, attributes } = options;
      const scope = { name: name || 'unknown', version, schemaUrl } as LogScope; // as the official SDK calls it
      if (attributes) Object.assign(scope, limitAttributes(attributes));
      return {
        enabled: () => logSink.value !== undefined,
        emit(record) {
          const sink = logSink.value;
          sink?.add(entryOf(record, scope, sink));
        },
      };
    },
  };
  for (const each of ALL_LOGS) each.setGlobalLoggerProvider(provider);
  return () => {
    for (const each of ALL_LOGS) each.disable();
  };
}

/** A record as it is now: its caller may change its object, and the span ends. */
function entryOf(record: LogRecord, instrumentationScope: LogScope, { resource, clock }: LogSink): LogEntry {
  const { severityNumber = 0, severityText = '', body, eventName = '', exception } = record;
  const span = api.trace.getSpan(record.context ?? api.context.active());
  const spanContext = span?.spanContext();
  const anchor = span instanceof RecordedSpan ? span.anchor : clock.anchor();
  const observedTime = clock.toHrTime(anchor, record.observedTimestamp);
  const { attributes } = limitAttributes(record.attributes);
  const data = {
    time: record.timestamp === undefined ? observedTime : clock.toHrTime(anchor, record.timestamp),
    observedTime,
    severityNumber,
    severityText,
    body: copyValue(body) ?? body,
    // The caller's own exception.* attributes win, and stand first.
    attributes: { ...attributes, ...attributesOf(exception), ...attributes },
    spanContext: spanContext && api.isSpanContextValid(spanContext) ? spanContext : undefined,
    eventName,
  };
  return { resource, instrumentationScope, read: () => data };
}

/** An exception may be anything that can be thrown. */
function attributesOf(exception: unknown): Attributes {
  if (typeof exception === 'number') return exceptionAttributes(String(exception));
  const says = typeof exception === 'string' || (typeof exception === 'object' && exception !== null);
  return says ? exceptionAttributes(exception as Exception) : {};
}
