import { SpanEventFields, SpanLinkFields } from '../fields/trace.ts';
import type { Attribute } from '../messages/attributes.ts';
import type { SpanEvent, SpanLink } from '../messages/trace.ts';
import { readAttribute } from './decode-attributes.ts';
import type { ProtobufReader } from './reader.ts';
import { readMessage } from './reader.ts';

/** Reads a Span.Event whose tag was read. @throws RangeError for malformed bytes and for values nested too deep; LimitError */
export function readEvent(reader: ProtobufReader): SpanEvent {
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
export function readLink(reader: ProtobufReader): SpanLink {
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
