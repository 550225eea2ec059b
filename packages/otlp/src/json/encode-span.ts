import type { SpanEventFields, SpanFields, SpanLinkFields, SpanStatusFields } from '../fields/trace.ts';
import type { SpanContent } from '../messages/trace.ts';
import { attributesToJson } from './encode-attributes.ts';
import type { JsonMessage } from './without-defaults.ts';
import { withoutDefaults } from './without-defaults.ts';

/** A Span message in OTLP's JSON encoding: as in protobuf, fields in the order of the table, without those at their default. */
export function spanToJson(span: SpanContent): JsonMessage {
  return withoutDefaults<typeof SpanFields>({
    traceId: span.traceId,
    spanId: span.spanId,
    traceState: span.traceState,
    parentSpanId: span.parentSpanId,
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: String(span.startTimeUnixNano),
    endTimeUnixNano: String(span.endTimeUnixNano),
    attributes: attributesToJson(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map((event) =>
      withoutDefaults<typeof SpanEventFields>({
        timeUnixNano: String(event.timeUnixNano),
        name: event.name,
        attributes: attributesToJson(event.attributes),
        droppedAttributesCount: event.droppedAttributesCount,
      }),
    ),
    droppedEventsCount: span.droppedEventsCount,
    links: span.links.map((link) =>
      withoutDefaults<typeof SpanLinkFields>({
        traceId: link.traceId,
        spanId: link.spanId,
        traceState: link.traceState,
        attributes: attributesToJson(link.attributes),
        droppedAttributesCount: link.droppedAttributesCount,
        flags: link.flags,
      }),
    ),
    droppedLinksCount: span.droppedLinksCount,
    status: withoutDefaults<typeof SpanStatusFields>({ message: span.statusMessage, code: span.statusCode }),
    flags: span.flags,
  });
}
