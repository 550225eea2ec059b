import type { Context, Span, SpanContext } from '@opentelemetry/api';
import { context, isSpanContextValid, propagation, TraceFlags, trace } from '@opentelemetry/api';
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
  removeHeaders(headers, injected);
}

/**
 * Sends the context of a request that is not sampled on as it is. Nothing below it ever is (every sampler of ours
 * follows the decision of a span of its own process), so the instrumentation would parse the URL and collect
 * attributes for nothing: 3 of the 7 µs that such a request took.
 *
 * @returns whether it has done so
 */
export function passContextOn(request: UndiciRequest, active: Context): boolean {
  const spanContext = trace.getSpanContext(active);
  if (spanContext === undefined || spanContext.isRemote === true || isSampled(spanContext)) return false;
  // A span without a valid id comes from nowhere, and one that records may be a processor's business.
  if (trace.getSpan(active)?.isRecording() !== false || !isSpanContextValid(spanContext)) return false;
  if (typeof request.addHeader !== 'function') return false;
  const injected: Record<string, string> = {};
  propagation.inject(active, injected);
  const { headers } = request;
  if (Array.isArray(headers) && hasPropagationHeader(headers)) removeHeaders(headers, injected);
  for (const name in injected) request.addHeader(name, injected[name] ?? '');
  return true;
}

function isSampled({ traceFlags }: SpanContext): boolean {
  return (traceFlags & TraceFlags.SAMPLED) !== 0;
}

function removeHeaders(headers: (string | string[])[], injected: Readonly<Record<string, string>>): void {
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

function namesOf(carrier: Readonly<Record<string, string>>): Set<string> {
  return new Set(Object.keys(carrier).map((name) => name.toLowerCase()));
}
