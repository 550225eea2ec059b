import { SpanEventFields, SpanFields, SpanLinkFields, SpanStatusFields } from '../fields/trace.ts';
import { parentSpanIdOf } from '../ids.ts';
import type { Attribute } from '../messages/attributes.ts';
import type { Span, SpanEvent, SpanLink } from '../messages/trace.ts';
import { readAttribute } from './decode-attributes.ts';
import { ProtobufReader, readMessage } from './reader.ts';

/** One list for the many spans without events or links. */
const NONE: readonly never[] = Object.freeze([]);

/** Reads one Span message. @throws RangeError for malformed bytes and for values nested too deep; LimitError */
export function decodeSpan(raw: Uint8Array): Span {
  return readSpan(new ProtobufReader(raw), raw);
}

/** Reads the Span message that `reader` has entered, or begins with; `raw` is the same bytes. */
export function readSpan(reader: ProtobufReader, raw: Uint8Array): Span {
  let traceId = '';
  let spanId = '';
  let parentSpanId = '';
  let traceState = '';
  let flags = 0;
  let name = '';
  let kind = 0;
  let startTimeUnixNano = 0n;
  let endTimeUnixNano = 0n;
  const attributes: Attribute[] = [];
  let droppedAttributesCount = 0;
  let events: SpanEvent[] | undefined;
  let droppedEventsCount = 0;
  let links: SpanLink[] | undefined;
  let droppedLinksCount = 0;
  let statusCode = 0;
  let statusMessage = '';
  while (!reader.done) {
    const tag = reader.tag();
    switch (tag) {
      // The first case: most fields are attributes, and the cases are compared one after the other.
      case SpanFields.attributes:
        attributes.push(readAttribute(reader, 0));
        break;
      case SpanFields.traceId:
        traceId = reader.hex();
        break;
      case SpanFields.spanId:
        spanId = reader.hex();
        break;
      case SpanFields.traceState:
        traceState = reader.text();
        break;
      case SpanFields.parentSpanId:
        parentSpanId = parentSpanIdOf(reader.hex());
        break;
      case SpanFields.name:
        name = reader.text();
        break;
      case SpanFields.kind:
        kind = reader.enumeration();
        break;
      case SpanFields.startTimeUnixNano:
        startTimeUnixNano = reader.fixed64();
        break;
      case SpanFields.endTimeUnixNano:
        endTimeUnixNano = reader.fixed64();
        break;
      case SpanFields.droppedAttributesCount:
        droppedAttributesCount = reader.uint32();
        break;
      case SpanFields.events:
        events ??= [];
        events.push(readEvent(reader));
        break;
      case SpanFields.droppedEventsCount:
        droppedEventsCount = reader.uint32();
        break;
      case SpanFields.links:
        links ??= [];
        links.push(readLink(reader));
        break;
      case SpanFields.droppedLinksCount:
        droppedLinksCount = reader.uint32();
        break;
      case SpanFields.status: {
        const outer = reader.enter();
        while (!reader.done) {
          const inner = reader.tag();
          if (inner === SpanStatusFields.message) statusMessage = reader.text();
          else if (inner === SpanStatusFields.code) statusCode = reader.enumeration();
          else reader.skip(inner);
        }
        reader.leave(outer);
        break;
      }
      case SpanFields.flags:
        flags = reader.fixed32();
        break;
      default:
        reader.skip(tag);
    }
  }
  return {
    traceId,
    spanId,
    parentSpanId,
    traceState,
    flags,
    name,
    kind,
    startTimeUnixNano,
    endTimeUnixNano,
    attributes,
    droppedAttributesCount,
    events: events ?? NONE,
    droppedEventsCount,
    links: links ?? NONE,
    droppedLinksCount,
    statusCode,
    statusMessage,
    raw,
  };
}

/** Reads a Span.Event whose tag was read. @throws RangeError for malformed bytes and for values nested too deep; LimitError */
function readEvent(reader: ProtobufReader): SpanEvent {
  reader.spend();
  let timeUnixNano = 0n;
  let name = '';
  const attributes: Attribute[] = [];
  let droppedAttributesCount = 0;
  readMessage(reader, {
    [SpanEventFields.timeUnixNano]: () => (timeUnixNano = reader.fixed64()),
    [SpanEventFields.name]: () => (name = reader.text()),
    [SpanEventFields.attributes]: () => attributes.push(readAttribute(reader, 0)),
    [SpanEventFields.droppedAttributesCount]: () => (droppedAttributesCount = reader.uint32()),
  });
  return { timeUnixNano, name, attributes, droppedAttributesCount };
}

/** Reads a Span.Link whose tag was read. @throws RangeError for malformed bytes and for values nested too deep; LimitError */
function readLink(reader: ProtobufReader): SpanLink {
  reader.spend();
  let traceId = '';
  let spanId = '';
  let traceState = '';
  const attributes: Attribute[] = [];
  let droppedAttributesCount = 0;
  let flags = 0;
  readMessage(reader, {
    [SpanLinkFields.traceId]: () => (traceId = reader.hex()),
    [SpanLinkFields.spanId]: () => (spanId = reader.hex()),
    [SpanLinkFields.traceState]: () => (traceState = reader.text()),
    [SpanLinkFields.attributes]: () => attributes.push(readAttribute(reader, 0)),
    [SpanLinkFields.droppedAttributesCount]: () => (droppedAttributesCount = reader.uint32()),
    [SpanLinkFields.flags]: () => (flags = reader.fixed32()),
  });
  return { traceId, spanId, traceState, attributes, droppedAttributesCount, flags };
}
