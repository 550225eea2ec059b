import { bytes, enumeration, fixed32, fixed64, message, string, uint32 } from './types.ts';

// opentelemetry/proto/trace/v1/trace.proto

export const ResourceSpansFields = {
  resource: message(1),
  scopeSpans: message(2),
  schemaUrl: string(3),
};

export const ScopeSpansFields = {
  scope: message(1),
  spans: message(2),
  schemaUrl: string(3),
};

export const SpanFields = {
  traceId: bytes(1),
  spanId: bytes(2),
  traceState: string(3),
  parentSpanId: bytes(4),
  name: string(5),
  kind: enumeration(6),
  startTimeUnixNano: fixed64(7),
  endTimeUnixNano: fixed64(8),
  attributes: message(9),
  droppedAttributesCount: uint32(10),
  events: message(11),
  droppedEventsCount: uint32(12),
  links: message(13),
  droppedLinksCount: uint32(14),
  status: message(15),
  flags: fixed32(16),
};

/** The message Span.Event. */
export const SpanEventFields = {
  timeUnixNano: fixed64(1),
  name: string(2),
  attributes: message(3),
  droppedAttributesCount: uint32(4),
};

/** The message Span.Link. */
export const SpanLinkFields = {
  traceId: bytes(1),
  spanId: bytes(2),
  traceState: string(3),
  attributes: message(4),
  droppedAttributesCount: uint32(5),
  flags: fixed32(6),
};

/** The message Status of a span; number 1 is reserved. */
export const SpanStatusFields = {
  message: string(2),
  code: enumeration(3),
};
