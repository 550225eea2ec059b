import type { Link, SpanContext, SpanStatus } from '@opentelemetry/api';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace-base';
import type { ProtobufWriter } from '@tandem/otlp/encode';
import {
  ScopeSpansFields,
  SpanEventFields,
  SpanFields,
  SpanLinkFields,
  SpanStatusFields,
  writePlainAttributes,
} from '@tandem/otlp/encode';

/** Bits of a span's flags above the W3C trace flags (SpanFlags in opentelemetry-proto). */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/** Bytes of the length field: a usual span has between 128 bytes and 16 KiB. */
const SPAN_LENGTH_BYTES = 2;

/**
 * Appends one span of the SDK as an element of `ScopeSpans.spans`: the bytes that `encodeSpan` of @tandem/otlp writes for
 * the same span as it was read. Fields with their default value are left out, as proto3 does.
 */
export function encodeSpan(writer: ProtobufWriter, span: ReadableSpan): void {
  const context = span.spanContext();
  const parent = span.parentSpanContext;
  const start = writer.begin(ScopeSpansFields.spans, SPAN_LENGTH_BYTES);
  writeIds(writer, context);
  if (parent?.spanId) writer.hex(SpanFields.parentSpanId, parent.spanId);
  if (span.name) writer.string(SpanFields.name, span.name);
  writer.uint32(SpanFields.kind, span.kind + 1); // OTLP keeps 0 for "unspecified"
  writer.time(SpanFields.startTimeUnixNano, span.startTime[0], span.startTime[1]);
  writer.time(SpanFields.endTimeUnixNano, span.endTime[0], span.endTime[1]);
  writePlainAttributes(writer, SpanFields.attributes, span.attributes);
  writeCount(writer, SpanFields.droppedAttributesCount, span.droppedAttributesCount);
  for (const event of span.events) writeEvent(writer, event);
  writeCount(writer, SpanFields.droppedEventsCount, span.droppedEventsCount);
  for (const link of span.links) writeLink(writer, link);
  writeCount(writer, SpanFields.droppedLinksCount, span.droppedLinksCount);
  if (span.status.code || span.status.message) writeStatus(writer, span.status);
  writer.fixed32(SpanFields.flags, flags(context.traceFlags, parent?.isRemote));
  writer.end(start, SPAN_LENGTH_BYTES);
}

/** trace_id, span_id and trace_state have the same numbers in Span and Span.Link. */
function writeIds(writer: ProtobufWriter, context: SpanContext): void {
  writer.hex(SpanFields.traceId, context.traceId);
  writer.hex(SpanFields.spanId, context.spanId);
  const traceState = context.traceState?.serialize();
  if (traceState) writer.string(SpanFields.traceState, traceState);
}

function writeEvent(writer: ProtobufWriter, event: TimedEvent): void {
  const start = writer.begin(SpanFields.events);
  writer.time(SpanEventFields.timeUnixNano, event.time[0], event.time[1]);
  if (event.name) writer.string(SpanEventFields.name, event.name);
  if (event.attributes) writePlainAttributes(writer, SpanEventFields.attributes, event.attributes);
  writeCount(writer, SpanEventFields.droppedAttributesCount, event.droppedAttributesCount);
  writer.end(start);
}

function writeLink(writer: ProtobufWriter, link: Link): void {
  const start = writer.begin(SpanFields.links);
  writeIds(writer, link.context);
  if (link.attributes) writePlainAttributes(writer, SpanLinkFields.attributes, link.attributes);
  writeCount(writer, SpanLinkFields.droppedAttributesCount, link.droppedAttributesCount);
  writer.fixed32(SpanLinkFields.flags, flags(link.context.traceFlags, link.context.isRemote));
  writer.end(start);
}

function writeStatus(writer: ProtobufWriter, status: SpanStatus): void {
  const start = writer.begin(SpanFields.status);
  if (status.message) writer.string(SpanStatusFields.message, status.message);
  writeCount(writer, SpanStatusFields.code, status.code);
  writer.end(start);
}

function writeCount(writer: ProtobufWriter, tag: number, count: number | undefined): void {
  if (count) writer.uint32(tag, count);
}

/** Low byte: W3C trace flags. Higher bits: whether the parent (or linked span) is known to be remote. */
function flags(traceFlags: number, isRemote: boolean | undefined): number {
  return (traceFlags & 0xff) | HAS_IS_REMOTE | (isRemote ? IS_REMOTE : 0);
}
