import type { Span, SpanStatus, TimeInput } from '@opentelemetry/api';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { logs, SeverityNumber } from '@opentelemetry/api-logs';
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import { isError } from '../is-error.ts';
import { processWide } from '../process-wide.ts';
import type { ExceptionSignal } from '../settings/index.ts';
import { SCOPE_NAME, SCOPE_VERSION } from './tracer.ts';

/**
 * Marks a span as failed by the semantic conventions for exceptions and errors: an `exception` event,
 * `error.type` (low cardinality) and status Error with the message.
 */
export function recordFailure(span: Span, error: unknown): void {
  if (!span.isRecording()) return;
  const exception = isError(error) ? error : new Error(String(error));
  recordException(span, exception);
  span.setAttribute(ATTR_ERROR_TYPE, errorType(error));
  span.setStatus({ code: SpanStatusCode.ERROR, message: exception.message });
}

/** Whether a span says that it failed. */
export function hasFailed(span: Span): boolean {
  return 'status' in span && (span.status as SpanStatus).code === SpanStatusCode.ERROR;
}

/** `error.type` of a thrown value: its code when it is a stable one (`ECONNREFUSED`, `FST_ERR_…`), else its class name. */
export function errorType(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '_OTHER';
  if ('code' in error && typeof error.code === 'string' && error.code !== '') return error.code;
  if ('name' in error && typeof error.name === 'string' && error.name !== '') return error.name;
  return error.constructor?.name ?? '_OTHER';
}

const signal = processWide<ExceptionSignal>('exception signal 1', 'events');

/** Sets what `recordException` makes of exceptions; called by `startTelemetry`. */
export function setExceptionSignal(wanted: ExceptionSignal): void {
  signal.value = wanted;
}

/**
 * Records an exception of a span as OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN asks for: as an event of the span, as a log
 * record in it, or both (semantic conventions, "Exceptions in logs").
 */
export function recordException(span: Span, exception: Error, time?: TimeInput): void {
  if (signal.value !== 'logs') span.recordException(exception, time);
  if (signal.value === 'events') return;
  logs.getLogger(SCOPE_NAME, SCOPE_VERSION).emit({
    eventName: 'exception',
    severityNumber: SeverityNumber.ERROR,
    severityText: 'ERROR',
    body: exception.message,
    exception,
    context: trace.setSpan(context.active(), span),
    ...(time !== undefined && { timestamp: time }),
  });
}
