import type { Link, SpanContext, SpanStatus } from '@opentelemetry/api';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace-base';
import { writeAttributes } from './attributes.ts';
import type { ProtoWriter } from './proto-writer.ts';

const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/** The usual span has between 128 bytes and 16 KiB. */
const SPAN_LENGTH_BYTES = 2;

/**
 * Appends one span as an element of `ScopeSpans.spans` (opentelemetry.proto.trace.v1, field 2).
 * Fields with their default value are left out, as proto3 does; numbers are `field << 3 | wire type`.
 */
export function encodeSpan(writer: ProtoWriter, span: ReadableSpan): void {
  const context = span.spanContext();
  const parent = span.parentSpanContext;
  writer.byte(0x12);
  const start = writer.begin(SPAN_LENGTH_BYTES);
  writeIds(writer, context);
  if (parent?.spanId) {
    writer.byte(0x22);
    writer.hexBytes(parent.spanId);
  }
  writer.byte(0x2a);
  writer.string(span.name);
  writer.byte(0x30);
  writer.byte(span.kind + 1); // OTLP keeps 0 for "unspecified"
  writer.byte(0x39);
  writer.fixed64Time(span.startTime[0], span.startTime[1]);
  writer.byte(0x41);
  writer.fixed64Time(span.endTime[0], span.endTime[1]);
  writeAttributes(writer, 0x4a, span.attributes);
  writeCount(writer, 0x50, span.droppedAttributesCount);
  for (const event of span.events) writeEvent(writer, event);
  writeCount(writer, 0x60, span.droppedEventsCount);
  for (const link of span.links) writeLink(writer, link);
  writeCount(writer, 0x70, span.droppedLinksCount);
  writeStatus(writer, span.status);
  writer.byte(0x85);
  writer.byte(0x01); // field 16 needs two bytes
  writer.fixed32(flags(context.traceFlags, parent?.isRemote));
  writer.end(start, SPAN_LENGTH_BYTES);
}

/** trace_id, span_id and trace_state have the same numbers in Span and Span.Link. */
function writeIds(writer: ProtoWriter, context: SpanContext): void {
  writer.byte(0x0a);
  writer.hexBytes(context.traceId);
  writer.byte(0x12);
  writer.hexBytes(context.spanId);
  const traceState = context.traceState?.serialize();
  if (traceState) {
    writer.byte(0x1a);
    writer.string(traceState);
  }
}

function writeEvent(writer: ProtoWriter, event: TimedEvent): void {
  writer.byte(0x5a);
  const start = writer.begin();
  writer.byte(0x09);
  writer.fixed64Time(event.time[0], event.time[1]);
  writer.byte(0x12);
  writer.string(event.name);
  if (event.attributes) writeAttributes(writer, 0x1a, event.attributes);
  writeCount(writer, 0x20, event.droppedAttributesCount);
  writer.end(start);
}

function writeLink(writer: ProtoWriter, link: Link): void {
  writer.byte(0x6a);
  const start = writer.begin();
  writeIds(writer, link.context);
  if (link.attributes) writeAttributes(writer, 0x22, link.attributes);
  writeCount(writer, 0x28, link.droppedAttributesCount);
  writer.byte(0x35);
  writer.fixed32(flags(link.context.traceFlags, link.context.isRemote));
  writer.end(start);
}

function writeStatus(writer: ProtoWriter, status: SpanStatus): void {
  writer.byte(0x7a);
  const start = writer.begin();
  if (status.message) {
    writer.byte(0x12);
    writer.string(status.message);
  }
  writeCount(writer, 0x18, status.code);
  writer.end(start);
}

function writeCount(writer: ProtoWriter, tag: number, count: number | undefined): void {
  if (!count) return;
  writer.byte(tag);
  writer.uint32(count);
}

/** Low byte: W3C trace flags; above it whether the parent (or linked span) is known to be remote. */
function flags(traceFlags: number, isRemote: boolean | undefined): number {
  return (traceFlags & 0xff) | HAS_IS_REMOTE | (isRemote ? IS_REMOTE : 0);
}
