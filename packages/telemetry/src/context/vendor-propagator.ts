import type {
  Context,
  SpanContext,
  TextMapGetter,
  TextMapPropagator,
  TextMapSetter,
} from '@opentelemetry/api';
import { isSpanContextValid, TraceFlags, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '../opentelemetry/sdk.ts';

/** A header's name: a `token` of RFC 9110. Jaeger makes one of each key of baggage. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Makes a vendor's propagator (B3, Jaeger, X-Ray) get along with W3C Trace Context beside it: ids are lower case, and
 * those that are none are neither read nor sent, flags are those that all of them know, the trace state of one trace
 * never gets onto another, and the same parent said twice keeps what only `traceparent` says.
 */
export class VendorPropagator implements TextMapPropagator {
  readonly #propagator: TextMapPropagator;

  constructor(propagator: TextMapPropagator) {
    this.#propagator = propagator;
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    if (isTracingSuppressed(context)) return;
    this.#propagator.inject(sendable(context), carrier, {
      set: (into, name, value) => {
        if (TOKEN.test(name)) setter.set(into, name, value);
      },
    });
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const extracted = this.#propagator.extract(context, carrier, getter);
    const before = trace.getSpanContext(context);
    const after = trace.getSpanContext(extracted);
    if (after === undefined || after === before) return extracted;
    if (!isSpanContextValid(after)) {
      return before === undefined ? trace.deleteSpan(extracted) : trace.setSpanContext(extracted, before);
    }
    return trace.setSpanContext(extracted, merge(before, after));
  }

  fields(): string[] {
    return this.#propagator.fields();
  }
}

/** The context with only what every vendor can carry: no invalid ids, and of the flags only `sampled`. */
function sendable(context: Context): Context {
  const spanContext = trace.getSpanContext(context);
  if (spanContext === undefined) return context;
  if (!isSpanContextValid(spanContext)) return trace.deleteSpan(context);
  const traceFlags = spanContext.traceFlags & TraceFlags.SAMPLED;
  if (traceFlags === spanContext.traceFlags) return context;
  return trace.setSpanContext(context, { ...spanContext, traceFlags });
}

function merge(before: SpanContext | undefined, after: SpanContext): SpanContext {
  const remote: SpanContext = {
    // B3 senders may write upper case, which W3C and OTLP forbid.
    traceId: after.traceId.toLowerCase(),
    spanId: after.spanId.toLowerCase(),
    traceFlags: after.traceFlags,
    isRemote: true,
  };
  if (before?.traceId !== remote.traceId) return remote;
  if (before.spanId === remote.spanId) return before;
  if (before.traceState) remote.traceState = before.traceState;
  return remote;
}
