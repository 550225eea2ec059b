import type { Attribute } from './attributes.ts';
import type { Resource, Scope } from './resource.ts';

export interface SpanEvent {
  /** Nanoseconds since the epoch, unsigned 64 bits as sent. */
  readonly timeUnixNano: bigint;
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
}

export interface SpanLink {
  /** Lower-case hex. */
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  readonly flags: number;
}

export interface Span {
  /** Lower-case hex, 32 digits. */
  readonly traceId: string;
  /** Lower-case hex, 16 digits. */
  readonly spanId: string;
  /** Lower-case hex as sent; empty when the span has no parent. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly flags: number;
  readonly name: string;
  /** SpanKind's number: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  /** Nanoseconds since the epoch, unsigned 64 bits as sent. */
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  readonly events: readonly SpanEvent[];
  readonly droppedEventsCount: number;
  readonly links: readonly SpanLink[];
  readonly droppedLinksCount: number;
  /** 0 unset, 1 ok, 2 error. */
  readonly statusCode: number;
  readonly statusMessage: string;
  /** The Span message in protobuf: the bytes received, or our encoding of a span received as JSON. */
  readonly raw: Uint8Array;
}

/** A span without its encoded form. */
export type SpanContent = Omit<Span, 'raw'>;

export interface ScopeSpans {
  readonly resource: Resource;
  readonly scope: Scope;
  readonly spans: readonly Span[];
}

/** One export request in memory, from either encoding. */
export interface DecodedTraces {
  readonly scopeSpans: readonly ScopeSpans[];
  readonly spanCount: number;
  /** Spans refused one by one; the rest of the request stands. */
  readonly rejectedCount: number;
  /** The first few reasons of refusals, each with the position of the span. For people. */
  readonly rejectedReason: string;
}
