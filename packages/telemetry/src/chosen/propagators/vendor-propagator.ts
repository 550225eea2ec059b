import type { TextMapPropagator } from '@opentelemetry/api';
import { isSpanContextValid, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray';
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3';
import { JaegerPropagator } from '@opentelemetry/propagator-jaeger';

/** By the names of OTEL_PROPAGATORS. */
const PROPAGATORS = {
  b3: () => new B3Propagator({ injectEncoding: B3InjectEncoding.SINGLE_HEADER }),
  b3multi: () => new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }),
  jaeger: () => new JaegerPropagator(),
  xray: () => new AWSXRayPropagator(),
};

/** A header's name: a `token` of RFC 9110. Jaeger makes a header of each key of baggage. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * The propagator of a vendor's headers, fit to work beside W3C Trace Context. Ids are lower case. Illegal ids are neither
 * read nor sent. A parent never gets the trace state of another parent. When both headers name one parent, the flags and
 * the trace state of `traceparent` stay.
 */
export function vendorPropagator(name: keyof typeof PROPAGATORS): TextMapPropagator {
  const propagator: TextMapPropagator = PROPAGATORS[name]();
  return {
    inject(context, carrier, setter) {
      const spanContext = trace.getSpanContext(context);
      if (!spanContext || !isSpanContextValid(spanContext) || isTracingSuppressed(context)) return;
      propagator.inject(context, carrier, {
        set: (into, header, value) => {
          if (TOKEN.test(header)) setter.set(into, header, value);
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
