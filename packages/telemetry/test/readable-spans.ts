import type { Attributes, HrTime } from '@opentelemetry/api';
import { SpanKind, TraceFlags } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { ReceivedSpan } from '@tandem/otlp/testing';

/** Received spans in the form of the SDK's spans, so that an assertion fits both. */
export function readableSpans(spans: readonly ReceivedSpan[]): ReadableSpan[] {
  return spans.map(readableSpan);
}

/** The names of spans, in their order. */
export function namesOf(spans: readonly { readonly name: string }[]): string[] {
  return spans.map(({ name }) => name);
}

function readableSpan(span: ReceivedSpan): ReadableSpan {
  const { traceId, spanId, parentSpanId, parentIsRemote, name, kind, status, statusMessage, start, end } =
    span;
  const traceFlags = TraceFlags.SAMPLED;
  return {
    name,
    kind: SpanKind[kind as keyof typeof SpanKind],
    spanContext: () => ({ traceId, spanId, traceFlags }),
    ...(parentSpanId !== '' && {
      parentSpanContext: { traceId, spanId: parentSpanId, traceFlags, isRemote: parentIsRemote },
    }),
    startTime: hrTime(start),
    endTime: hrTime(end),
    duration: hrTime(end - start),
    status: { code: status, ...(statusMessage !== '' && { message: statusMessage }) },
    attributes: span.attributes as Attributes,
    events: span.events.map((event) => ({
      name: event.name,
      attributes: event.attributes as Attributes,
      time: hrTime(start),
    })),
    links: [],
    ended: true,
    resource: resourceFromAttributes(span.resource as Attributes),
    instrumentationScope: { name: '' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function hrTime(nanoseconds: bigint): HrTime {
  return [Number(nanoseconds / 1_000_000_000n), Number(nanoseconds % 1_000_000_000n)];
}
