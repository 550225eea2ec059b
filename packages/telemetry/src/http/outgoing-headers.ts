import type { Context, Span, SpanContext } from '@opentelemetry/api';
import { context, propagation, TraceFlags, trace } from '@opentelemetry/api';
import type { UndiciRequest } from '@opentelemetry/instrumentation-undici';
import { isValidSpanContext } from '../context/traceparent.ts';
import { randomSpanId } from '../sdk/random-ids.ts';

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
 * Sends the context of a request that is not sampled on, with an id of its own for each request, as a span would have
 * (W3C Trace Context, "parent-id is updated"). Nothing below it ever is sampled (every sampler of ours follows the
 * decision of a span of its own process), so the instrumentation would parse the URL and collect attributes for
 * nothing: 3 of the 7 µs that such a request took.
 *
 * @returns whether it has done so
 */
export function passContextOn(request: UndiciRequest, active: Context): boolean {
  const spanContext = trace.getSpanContext(active);
  if (spanContext === undefined || spanContext.isRemote === true || isSampled(spanContext)) return false;
  // Without valid ids there is nothing to send on; a span that records may be sampled later, by a collector.
  if (trace.getSpan(active)?.isRecording() !== false || !isValidSpanContext(spanContext)) return false;
  if (typeof request.addHeader !== 'function') return false;
  sendContext(request, trace.setSpanContext(active, { ...spanContext, spanId: randomSpanId() }));
  return true;
}

/** Adds the headers that carry `outgoing` to a request, in place of those that it has already. */
export function sendContext(request: UndiciRequest, outgoing: Context): void {
  const injected: Record<string, string> = {};
  propagation.inject(outgoing, injected);
  const { headers } = request;
  if (Array.isArray(headers) && hasPropagationHeader(headers)) removeHeaders(headers, injected);
  for (const name in injected) request.addHeader(name, injected[name] ?? '');
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
    if (!FIRST_LETTERS.test(name)) continue;
    const lower = name.toLowerCase();
    if (lower.startsWith(JAEGER_BAGGAGE) || propagation.fields().includes(lower)) return true;
  }
  return false;
}

/** `traceparent`, `tracestate`, `baggage`, `b3`, `x-b3-…`, `x-amzn-trace-id`, `uber-trace-id`, `uberctx-…`. */
const FIRST_LETTERS = /^(?:[tbx]|uber)/i;

/** Jaeger's headers for baggage, one per key: no propagator can list them. */
const JAEGER_BAGGAGE = 'uberctx-';

function namesOf(carrier: Readonly<Record<string, string>>): Set<string> {
  return new Set(Object.keys(carrier).map((name) => name.toLowerCase()));
}
