import type { Attribute } from '../src/messages/attributes.ts';
import { ValueKind } from '../src/messages/attributes.ts';
import type { Resource, Scope } from '../src/messages/resource.ts';
import type { DecodedTraces, ScopeSpans } from '../src/messages/trace.ts';
import { encodeResource, encodeScope } from '../src/protobuf/encode-resource.ts';
import { encodeSpan } from '../src/protobuf/encode-span.ts';
import { BARE_SPAN } from './bare-span.ts';

/** An attribute value as a test writes it. `float` tells 1.0 from 1. */
export type PlainValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | { readonly float: number }
  | readonly PlainValue[]
  | { readonly map: Readonly<Record<string, PlainValue>> };

export type PlainAttributes = Readonly<Record<string, PlainValue>>;

export interface PlainSpan {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly flags?: number;
  readonly name?: string;
  /** SpanKind's number; default 1, internal. */
  readonly kind?: number;
  /** Nanoseconds since the epoch; default now. */
  readonly start?: bigint;
  /** Milliseconds; default 1. */
  readonly durationMs?: number;
  /** Instead of durationMs: nanoseconds since the epoch. */
  readonly end?: bigint;
  readonly attributes?: PlainAttributes;
  readonly events?: readonly { name: string; time?: bigint; attributes?: PlainAttributes }[];
  readonly links?: readonly { traceId: string; spanId: string; attributes?: PlainAttributes }[];
  readonly status?: 0 | 1 | 2;
  readonly statusMessage?: string;
  /** `service.name` of the span's resource; default `test-service`. */
  readonly service?: string;
  /** Attributes of the span's resource, besides service.name. */
  readonly resource?: PlainAttributes;
  readonly scope?: { name: string; version?: string };
}

/** Hex ids that are different in every call. */
export function randomId(bytes: 8 | 16): string {
  return crypto
    .randomUUID()
    .replaceAll('-', '')
    .slice(0, 2 * bytes);
}

/** Plain spans in the decoded form, as if they had come in one request, in the order given. */
export function decoded(spans: readonly PlainSpan[]): DecodedTraces {
  return {
    scopeSpans: spans.map(scopeSpansOf),
    spanCount: spans.length,
    rejectedCount: 0,
    rejectedReason: '',
  };
}

/** Attributes in the decoded form. */
export function plainAttributes(attributes: PlainAttributes = {}): Attribute[] {
  return Object.entries(attributes).map(([key, value]) => plainAttribute(key, value));
}

/** One attribute in the decoded form; with an empty key, an AnyValue. */
export function plainAttribute(key: string, value: PlainValue): Attribute {
  if (typeof value === 'string') return { key, kind: ValueKind.string, value };
  if (typeof value === 'boolean') return { key, kind: ValueKind.boolean, value };
  if (typeof value === 'bigint') return { key, kind: ValueKind.integer, value };
  if (typeof value === 'number') {
    return { key, kind: Number.isSafeInteger(value) ? ValueKind.integer : ValueKind.float, value };
  }
  if (value === null) return { key, kind: ValueKind.none, value };
  if (value instanceof Uint8Array) return { key, kind: ValueKind.bytes, value };
  if (isArray(value))
    return { key, kind: ValueKind.array, value: value.map((item) => plainAttribute('', item)) };
  if ('float' in value) return { key, kind: ValueKind.float, value: value.float };
  return { key, kind: ValueKind.map, value: plainAttributes(value.map) };
}

function isArray(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value);
}

/** The resource and scope that a plain span or log record names, in the decoded form. */
export function plainOrigin(plain: Pick<PlainSpan, 'service' | 'resource' | 'scope'>): {
  resource: Resource;
  scope: Scope;
} {
  const attributes = plainAttributes({ 'service.name': plain.service ?? 'test-service', ...plain.resource });
  const resource = { attributes, droppedAttributesCount: 0, schemaUrl: '' };
  const scope = {
    name: plain.scope?.name ?? '',
    version: plain.scope?.version ?? '',
    attributes: [],
    droppedAttributesCount: 0,
    schemaUrl: '',
  };
  return {
    resource: { ...resource, raw: encodeResource(resource) },
    scope: { ...scope, raw: encodeScope(scope) },
  };
}

function scopeSpansOf(plain: PlainSpan): ScopeSpans {
  const start = plain.start ?? BigInt(Date.now()) * 1_000_000n;
  const span = {
    ...BARE_SPAN,
    traceId: plain.traceId ?? randomId(16),
    spanId: plain.spanId ?? randomId(8),
    parentSpanId: plain.parentSpanId ?? '',
    traceState: plain.traceState ?? '',
    flags: plain.flags ?? 0,
    name: plain.name ?? 'span',
    kind: plain.kind ?? 1,
    startTimeUnixNano: start,
    endTimeUnixNano: plain.end ?? start + BigInt(Math.round((plain.durationMs ?? 1) * 1e6)),
    attributes: plainAttributes(plain.attributes),
    events: (plain.events ?? []).map((event) => ({
      timeUnixNano: event.time ?? start,
      name: event.name,
      attributes: plainAttributes(event.attributes),
      droppedAttributesCount: 0,
    })),
    links: (plain.links ?? []).map((link) => ({
      traceId: link.traceId,
      spanId: link.spanId,
      traceState: '',
      attributes: plainAttributes(link.attributes),
      droppedAttributesCount: 0,
      flags: 0,
    })),
    statusCode: plain.status ?? 0,
    statusMessage: plain.statusMessage ?? '',
  };
  return {
    ...plainOrigin(plain),
    spans: [{ ...span, raw: encodeSpan(span) }],
  };
}
