import { trace } from '@opentelemetry/api';
import { processWide } from './process-wide.ts';

const service = processWide<string | undefined>('service name 1', undefined);

/** Sets the `service.name` that `logMixin` adds; called by `startTelemetry`. */
export function setLogServiceName(name: string | undefined): void {
  service.value = name;
}

/**
 * For pino's `mixin` option: `trace_id`, `span_id` and `trace_flags` of the active span, and `service.name`, so that
 * a log line leads to its waterfall. Field names follow OpenTelemetry's "Trace Context in non-OTLP Log Formats".
 */
export function logMixin(): Record<string, unknown> {
  const spanContext = trace.getActiveSpan()?.spanContext();
  const serviceName = service.value;
  if (spanContext === undefined) return serviceName === undefined ? {} : { 'service.name': serviceName };
  return {
    trace_id: spanContext.traceId,
    span_id: spanContext.spanId,
    trace_flags: (spanContext.traceFlags & 0xff).toString(16).padStart(2, '0'),
    ...(serviceName === undefined ? undefined : { 'service.name': serviceName }),
  };
}

/** Trace id of the active span (32 lowercase hex), or undefined outside of a trace. */
export function activeTraceId(): string | undefined {
  return trace.getActiveSpan()?.spanContext().traceId;
}
