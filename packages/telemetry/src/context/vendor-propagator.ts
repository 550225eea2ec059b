import type { TextMapPropagator } from '@opentelemetry/api';
import { isSpanContextValid, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '../opentelemetry/sdk.ts';

/** A header's name: a `token` of RFC 9110. Jaeger makes one of each key of baggage. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Makes a vendor's propagator (B3, Jaeger, X-Ray) get along with W3C Trace Context beside it: ids are lower case, and
 * those that are none are neither read nor sent, a parent has no trace state of another one, and the same parent said
 * twice keeps what only `traceparent` says.
 */
export function vendorPropagator(propagator: TextMapPropagator): TextMapPropagator {
  return {
    inject(context, carrier, setter) {
      const spanContext = trace.getSpanContext(context);
      if (!spanContext || !isSpanContextValid(spanContext) || isTracingSuppressed(context)) return;
      propagator.inject(context, carrier, {
        set: (into, name, value) => {
          if (TOKEN.test(name)) setter.set(into, name, value);
        },
      });
    },
    extract(context, carrier, getter) {
      const extracted = propagator.extract(context, carrier, getter);
      const before = trace.getSpanContext(context);
      const after = trace.getSpanContext(extracted);
      if (after === undefined || after === before) return extracted;
      // B3 senders may write upper case, which W3C and OTLP forbid.
      const traceId = after.traceId.toLowerCase();
      const spanId = after.spanId.toLowerCase();
      const isSame = before?.traceId === traceId && before.spanId === spanId;
      if (!isSame && isSpanContextValid(after)) {
        const { traceFlags } = after;
        return trace.setSpanContext(extracted, { traceId, spanId, traceFlags, isRemote: true });
      }
      return before === undefined ? trace.deleteSpan(extracted) : trace.setSpanContext(extracted, before);
    },
    fields: () => propagator.fields(),
  };
}
