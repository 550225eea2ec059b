import type { Attributes, Exception } from '@opentelemetry/api';
import * as api from '@opentelemetry/api';
import type { Logger, LoggerOptions, LoggerProvider, LogRecord } from '@opentelemetry/api-logs';
import { logs } from '@opentelemetry/api-logs';
import { copyValue, exceptionAttributes, limitAttributes } from '../sdk/attributes.ts';
import { RecordedSpan } from '../sdk/span.ts';
import type { LogEntry, LogOrigin, LogScope } from './log-record.ts';

/** API 1.10 has `logs` of `@opentelemetry/api-logs` in itself; API 1.9 has nothing of it. */
const ALL_LOGS: readonly Pick<typeof logs, 'setGlobalLoggerProvider' | 'disable'>[] = [
  logs,
  Reflect.get(api, 'logs') ?? [],
].flat();

/**
 * Takes the records of code with `@opentelemetry/api-logs`, or with the API's own `logs` (OpenTelemetry specification,
 * Logs SDK).
 *
 * @returns how to stop
 */
export function takeLogRecords(take: (entry: LogEntry) => void, origin: LogOrigin): () => void {
  const provider: LoggerProvider = {
    getLogger(name: string, version?: string, options: LoggerOptions = {}): Logger {
      const { schemaUrl, attributes } = options;
      const scope = { name: name || 'unknown', version, schemaUrl } as LogScope; // as the official SDK calls it
      if (attributes) Object.assign(scope, limitAttributes(attributes));
      return { enabled: () => true, emit: (record) => take(entryOf(record, scope, origin)) };
    },
  };
  for (const each of ALL_LOGS) each.setGlobalLoggerProvider(provider);
  return () => {
    for (const each of ALL_LOGS) each.disable();
  };
}

/** A record as it is now: its caller may change its object, and the span ends. */
function entryOf(
  record: LogRecord,
  instrumentationScope: LogScope,
  { resource, clock }: LogOrigin,
): LogEntry {
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
    // What the caller says of an exception goes before what it is.
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
