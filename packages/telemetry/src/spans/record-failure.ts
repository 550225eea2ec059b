import type { Span, SpanStatus } from '@opentelemetry/api';
import { SpanStatusCode } from '@opentelemetry/api';
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import { isError } from '../process/is-error.ts';

/**
 * Marks a span as failed by the semantic conventions for exceptions and errors: an `exception` event,
 * `error.type` (low cardinality) and status Error with the message.
 */
export function recordFailure(span: Span, error: unknown): void {
  if (!span.isRecording()) return;
  const exception = isError(error) ? error : new Error(String(error));
  span.recordException(exception);
  span.setAttribute(ATTR_ERROR_TYPE, errorType(error));
  span.setStatus({ code: SpanStatusCode.ERROR, message: exception.message });
}

/** Whether a span says that it failed. */
export function hasFailed(span: Span): boolean {
  return 'status' in span && (span.status as SpanStatus).code === SpanStatusCode.ERROR;
}

/** `error.type` of a thrown value: the code when the code is stable (`ECONNREFUSED`, `FST_ERR_…`), else the class name. */
export function errorType(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '_OTHER';
  if ('code' in error && typeof error.code === 'string' && error.code !== '') return error.code;
  if ('name' in error && typeof error.name === 'string' && error.name !== '') return error.name;
  return error.constructor?.name ?? '_OTHER';
}
