import { context, createContextKey } from '@opentelemetry/api';

const RESEND_COUNT = createContextKey('tandem http.request.resend_count');

/**
 * Runs `fn`; the CLIENT spans of requests made in it, or in what it starts, say that they are sent again
 * (`http.request.resend_count` of the semantic conventions for HTTP clients).
 *
 * @param count how often the request was sent before; 0 for a first attempt, whose span says nothing of it
 * @returns what `fn` returns; what it throws is passed on
 *
 * @example
 * const answer = await withResendCount(1, () => fetch(url));
 */
export function withResendCount<T>(count: number, fn: () => T): T {
  return count === 0 ? fn() : context.with(context.active().setValue(RESEND_COUNT, count), fn);
}

/** The count that `withResendCount` gave to the active context; undefined for a first attempt. */
export function activeResendCount(): number | undefined {
  const count = context.active().getValue(RESEND_COUNT);
  return typeof count === 'number' ? count : undefined;
}
