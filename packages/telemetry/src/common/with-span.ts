import type { Attributes, Span } from '@opentelemetry/api';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { recordFailure } from './failures.ts';
import { tracer } from './tracer.ts';

/**
 * Runs `fn` in a new INTERNAL span, a child of the active span. When `fn` returns a promise, the span ends when the promise
 * settles. A thrown error (or rejection) becomes an exception event, and sets `error.type` and status Error. The caller gets
 * the same error.
 *
 * @param name low-cardinality span name; variable parts belong in `attributes`
 * @returns the result of `fn`
 *
 * @example
 * const order = await withSpan('load-order', { 'order.id': id }, (span) => repository.load(id, span));
 */
export function withSpan<T>(name: string, attributes: Attributes, fn: (span: Span) => T): T {
  const parent = context.active();
  const span = tracer().startSpan(name, { kind: SpanKind.INTERNAL, attributes }, parent);
  const fail = (error: unknown): never => {
    recordFailure(span, error);
    span.end();
    throw error;
  };
  const succeed = <R>(value: R): R => {
    span.end();
    return value;
  };
  let result: T;
  try {
    result = context.with(trace.setSpan(parent, span), fn, undefined, span);
  } catch (error) {
    return fail(error);
  }
  return isPromise(result) ? (result.then(succeed, fail) as T) : succeed(result);
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
