import { types } from 'node:util';
import type { Span, SpanStatus, TimeInput } from '@opentelemetry/api';
import { SpanStatusCode } from '@opentelemetry/api';

/**
 * Marks a span as failed by the semantic conventions for exceptions and errors: an `exception` event, `error.type` (low
 * cardinality) and status Error with the message.
 *
 * @param time of the exception; default: now
 */
export function recordFailure(span: Span, error: unknown, time?: TimeInput): void {
  if (!span.isRecording()) return;
  // A thrown text has no stack. That of an error made here would name this file as the place.
  const exception = isError(error) ? error : { name: 'Error', message: String(error), stack: '' };
  const { name, message, stack = '' } = exception;
  // The SDK takes a code for the type: of a DOMException, a number that nobody knows.
  const isNumbered = typeof Object(error).code === 'number';
  span.recordException(isNumbered ? { name, message, stack } : exception, time);
  setFailed(span, errorType(error), exception.message);
}

/** Marks a span as failed without an event: `error.type` and status Error. */
export function setFailed(span: Span, type: string, message?: string): void {
  const code = SpanStatusCode.ERROR;
  span.setAttribute('error.type', type).setStatus(message === undefined ? { code } : { code, message });
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

/**
 * Whether a value is an error, also an error of another realm. Jest runs tests in a realm of their own: Node's errors are
 * no instances of the realm's `Error`.
 */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}
