import type { Context, Span } from '@opentelemetry/api';
import { INVALID_TRACEID, trace } from '@opentelemetry/api';
import { processWide } from '../../common/process-wide.ts';

/**
 * Key of the function that returns the trace of a request, on each traced server of Fastify, and starts it: Fastify logs "incoming
 * request" before the first hook, and the line needs the ids of the span. Another plugin cannot have the same symbol as a name.
 */
export const REQUEST_TRACE: unique symbol = Symbol.for('@tandem/telemetry request trace 1');

/** A request of a traced server. The trace is undefined for an upgraded connection. */
export interface TracedRequest {
  [REQUEST_TRACE]():
    | { readonly span: Span; readonly context: Context; readonly isLeftOut: boolean }
    | undefined;
}

/** The `service.name` that `logMixin` adds. */
export const logServiceName = processWide<string | undefined>('service name 1', undefined);

/**
 * For pino's `mixin` option: `trace_id`, `span_id` and `trace_flags` of the active span, and `service.name`, so that
 * a log line leads to its waterfall. Field names follow OpenTelemetry's "Trace Context in non-OTLP Log Formats".
 *
 * @param fields the fields of the line, from pino. A line about a request (`req`) is in the trace of the request, even
 *   before the span is active, like Fastify's "incoming request"
 */
export function logMixin(fields?: object): Record<string, unknown> {
  const spanContext = spanOfLine(fields)?.spanContext();
  const serviceName = logServiceName.value;
  if (spanContext === undefined) return serviceName === undefined ? {} : { 'service.name': serviceName };
  return {
    trace_id: spanContext.traceId,
    span_id: spanContext.spanId,
    trace_flags: (spanContext.traceFlags & 0xff).toString(16).padStart(2, '0'),
    ...(serviceName === undefined ? undefined : { 'service.name': serviceName }),
  };
}

/** The active span; or the span of the request in `fields`, when the request has another trace. Undefined for spans without ids. */
export function spanOfLine(fields: object | undefined): Span | undefined {
  const span = spanAround(fields);
  return span?.spanContext().traceId === INVALID_TRACEID ? undefined : span;
}

function spanAround(fields: object | undefined): Span | undefined {
  const active = trace.getActiveSpan();
  const request = fields && 'req' in fields ? (fields.req as Partial<TracedRequest> | null) : undefined;
  if (typeof request?.[REQUEST_TRACE] !== 'function') return active;
  const span = request[REQUEST_TRACE]()?.span;
  return span?.spanContext().traceId === active?.spanContext().traceId ? active : span;
}

/** Trace id of the active span (32 lowercase hex), or undefined outside of a trace. */
export function activeTraceId(): string | undefined {
  return spanOfLine(undefined)?.spanContext().traceId;
}
