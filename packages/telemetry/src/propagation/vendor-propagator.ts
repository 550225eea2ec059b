import type {
  Context,
  SpanContext,
  TextMapGetter,
  TextMapPropagator,
  TextMapSetter,
} from '@opentelemetry/api';
import { trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';

/**
 * Makes a vendor's propagator (B3, X-Ray) get along with W3C Trace Context beside it: ids are lower case, the trace
 * state of one trace never gets onto another, and the same parent said twice keeps what only `traceparent` says.
 */
export class VendorPropagator implements TextMapPropagator {
  readonly #propagator: TextMapPropagator;

  constructor(propagator: TextMapPropagator) {
    this.#propagator = propagator;
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    if (!isTracingSuppressed(context)) this.#propagator.inject(context, carrier, setter);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const extracted = this.#propagator.extract(context, carrier, getter);
    const before = trace.getSpanContext(context);
    const after = trace.getSpanContext(extracted);
    if (after === undefined || after === before) return extracted;
    return trace.setSpanContext(extracted, merge(before, after));
  }

  fields(): string[] {
    return this.#propagator.fields();
  }
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
