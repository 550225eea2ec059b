import { SpanEventFields, SpanLinkFields } from '../fields/trace.ts';
import type { Attribute } from '../messages/attributes.ts';
import type { SpanEvent, SpanLink } from '../messages/trace.ts';
import { readAttribute } from './decode-attributes.ts';
import type { ProtobufReader } from './reader.ts';

/** Reads a Span.Event whose tag was read. @throws RangeError for malformed bytes and for values nested too deep; LimitError */
export function readEvent(reader: ProtobufReader): SpanEvent {
  reader.spend();
  const outer = reader.enter();
  let timeUnixNano = 0n;
  let name = '';
  const attributes: Attribute[] = [];
  let droppedAttributesCount = 0;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === SpanEventFields.timeUnixNano) timeUnixNano = reader.fixed64();
    else if (tag === SpanEventFields.name) name = reader.text();
    else if (tag === SpanEventFields.attributes) attributes.push(readAttribute(reader, 0));
    else if (tag === SpanEventFields.droppedAttributesCount) droppedAttributesCount = reader.uint32();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return { timeUnixNano, name, attributes, droppedAttributesCount };
}

/** Reads a Span.Link whose tag was read. @throws RangeError for malformed bytes and for values nested too deep; LimitError */
export function readLink(reader: ProtobufReader): SpanLink {
  reader.spend();
  const outer = reader.enter();
  let traceId = '';
  let spanId = '';
  let traceState = '';
  const attributes: Attribute[] = [];
  let droppedAttributesCount = 0;
  let flags = 0;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === SpanLinkFields.traceId) traceId = reader.hex();
    else if (tag === SpanLinkFields.spanId) spanId = reader.hex();
    else if (tag === SpanLinkFields.traceState) traceState = reader.text();
    else if (tag === SpanLinkFields.attributes) attributes.push(readAttribute(reader, 0));
    else if (tag === SpanLinkFields.droppedAttributesCount) droppedAttributesCount = reader.uint32();
    else if (tag === SpanLinkFields.flags) flags = reader.fixed32();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return { traceId, spanId, traceState, attributes, droppedAttributesCount, flags };
}
