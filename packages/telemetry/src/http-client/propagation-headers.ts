import type { Span } from '@opentelemetry/api';
import { context, propagation, trace } from '@opentelemetry/api';
import type { UndiciRequest } from '@opentelemetry/instrumentation-undici';

/**
 * Takes out of a request the headers that will be injected for `span`, so that none goes out twice: a caller that
 * forwards the headers it received sends our parent, not two. A caller's baggage stays beside ours unless it is the
 * same; several baggage headers are one list.
 *
 * undici keeps the headers of every form that it accepts as `[name, value, name, value, …]`.
 */
export function removeInjectedHeaders(request: UndiciRequest, span: Span): void {
  const { headers } = request;
  if (!Array.isArray(headers) || !hasPropagationHeader(headers)) return;
  const injected: Record<string, string> = {};
  propagation.inject(trace.setSpan(context.active(), span), injected);
  const replaced = namesOf(injected);
  if (replaced.has('traceparent')) replaced.add('tracestate');
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    const name = String(headers[i]).toLowerCase();
    if (!replaced.has(name)) continue;
    if (name === 'baggage' && headers[i + 1] !== injected.baggage) continue;
    headers.splice(i, 2);
  }
}

/** The common case is a request without one, so the list of names is made only for a header that could be meant. */
function hasPropagationHeader(headers: readonly (string | string[])[]): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    const name = String(headers[i]);
    if (FIRST_LETTER.test(name) && propagation.fields().includes(name.toLowerCase())) return true;
  }
  return false;
}

/** `traceparent`, `tracestate`, `baggage`, `b3`, `x-b3-…`, `x-amzn-trace-id`. */
const FIRST_LETTER = /^[tbx]/i;

function namesOf(carrier: Record<string, string>): Set<string> {
  return new Set(Object.keys(carrier).map((name) => name.toLowerCase()));
}
