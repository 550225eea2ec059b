import { SpanEventFields, SpanFields, SpanLinkFields, SpanStatusFields } from '../fields/trace.ts';
import type { SpanContent, SpanEvent, SpanLink } from '../messages/trace.ts';
import { writeAttributes } from './encode-attributes.ts';
import { ProtobufWriter } from './writer.ts';

/** Reused: each span is written and copied at once. */
const scratch = new ProtobufWriter();

/** The Span message (opentelemetry/proto/trace/v1). Fields with their default value are left out, as proto3 does. */
export function encodeSpan(span: SpanContent): Uint8Array {
  const writer = scratch;
  writer.reset();
  writeIds(writer, span);
  if (span.parentSpanId !== '') writer.hex(SpanFields.parentSpanId, span.parentSpanId);
  if (span.name !== '') writer.string(SpanFields.name, span.name);
  if (span.kind !== 0) writer.int64(SpanFields.kind, span.kind);
  writeTime(writer, SpanFields.startTimeUnixNano, span.startTimeUnixNano);
  writeTime(writer, SpanFields.endTimeUnixNano, span.endTimeUnixNano);
  writeAttributes(writer, SpanFields.attributes, span.attributes);
  writeUint32(writer, SpanFields.droppedAttributesCount, span.droppedAttributesCount);
  for (const event of span.events) writeEvent(writer, event);
  writeUint32(writer, SpanFields.droppedEventsCount, span.droppedEventsCount);
  for (const link of span.links) writeLink(writer, link);
  writeUint32(writer, SpanFields.droppedLinksCount, span.droppedLinksCount);
  if (span.statusCode !== 0 || span.statusMessage !== '') {
    const start = writer.begin(SpanFields.status);
    if (span.statusMessage !== '') writer.string(SpanStatusFields.message, span.statusMessage);
    if (span.statusCode !== 0) writer.int64(SpanStatusFields.code, span.statusCode);
    writer.end(start);
  }
  if (span.flags !== 0) writer.fixed32(SpanFields.flags, span.flags);
  return writer.toBuffer();
}

/** trace_id, span_id and trace_state have the same numbers in Span and Span.Link. */
function writeIds(writer: ProtobufWriter, ids: Pick<SpanLink, 'traceId' | 'spanId' | 'traceState'>): void {
  if (ids.traceId !== '') writer.hex(SpanFields.traceId, ids.traceId);
  if (ids.spanId !== '') writer.hex(SpanFields.spanId, ids.spanId);
  if (ids.traceState !== '') writer.string(SpanFields.traceState, ids.traceState);
}

function writeEvent(writer: ProtobufWriter, event: SpanEvent): void {
  const start = writer.begin(SpanFields.events);
  writeTime(writer, SpanEventFields.timeUnixNano, event.timeUnixNano);
  if (event.name !== '') writer.string(SpanEventFields.name, event.name);
  writeAttributes(writer, SpanEventFields.attributes, event.attributes);
  writeUint32(writer, SpanEventFields.droppedAttributesCount, event.droppedAttributesCount);
  writer.end(start);
}

function writeLink(writer: ProtobufWriter, link: SpanLink): void {
  const start = writer.begin(SpanFields.links);
  writeIds(writer, link);
  writeAttributes(writer, SpanLinkFields.attributes, link.attributes);
  writeUint32(writer, SpanLinkFields.droppedAttributesCount, link.droppedAttributesCount);
  if (link.flags !== 0) writer.fixed32(SpanLinkFields.flags, link.flags);
  writer.end(start);
}

function writeUint32(writer: ProtobufWriter, tag: number, value: number): void {
  if (value !== 0) writer.uint32(tag, value);
}

function writeTime(writer: ProtobufWriter, tag: number, nanoseconds: bigint): void {
  if (nanoseconds !== 0n) writer.fixed64(tag, nanoseconds);
}
