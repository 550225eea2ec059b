import { decodeRequest } from './decode-request.ts';

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];

/** The bit of a span's flags that says that its parent is remote; opentelemetry-proto, SpanFlags. */
const IS_REMOTE = 0x200;

/** A span as it came over the wire, with its resource's attributes. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  /** The parent is in another process, as the span's flags say. */
  readonly parentIsRemote: boolean;
  readonly name: string;
  /** SERVER, CLIENT, INTERNAL, … */
  readonly kind: string;
  readonly service: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly statusMessage: string;
  readonly events: readonly {
    readonly name: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
  /** Nanoseconds since the epoch. */
  readonly start: bigint;
  readonly end: bigint;
}

/** The spans of an ExportTraceServiceRequest in protobuf, in order, as the oracle reads them. */
export function receivedSpans(body: Uint8Array): ReceivedSpan[] {
  return decodeRequest(body).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const attributes = plain(resource.attributes as readonly WireAttribute[]);
    const wire = scopeSpans.flatMap((scope) => scope.spans) as unknown as readonly WireSpan[];
    return wire.map(
      (span): ReceivedSpan => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId,
        parentIsRemote: (span.flags & IS_REMOTE) !== 0,
        name: span.name,
        kind: KINDS[span.kind] ?? String(span.kind),
        service: String(attributes['service.name']),
        attributes: plain(span.attributes),
        resource: attributes,
        status: span.status?.code ?? 0,
        statusMessage: span.status?.message ?? '',
        events: span.events.map((event) => ({ name: event.name, attributes: plain(event.attributes) })),
        start: BigInt(span.startTimeUnixNano),
        end: BigInt(span.endTimeUnixNano),
      }),
    );
  });
}

/** Attributes as the oracle reads them, as plain values by name. */
export function plain(attributes: readonly WireAttribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));
}

/** An AnyValue as the oracle reads it, as a plain value. */
export function plainValue(value: WireValue): unknown {
  const found = value.value === undefined ? undefined : value[value.value];
  if (value.value === 'intValue') return Number(found);
  if (value.value === 'kvlistValue') return plain((found as { values: readonly WireAttribute[] }).values);
  if (value.value === 'arrayValue') return (found as { values: readonly WireValue[] }).values.map(plainValue);
  return found;
}

/** `value` names the field that holds it. */
export type WireValue = { readonly value?: string } & Readonly<Record<string, unknown>>;

export interface WireAttribute {
  readonly key: string;
  readonly value: WireValue;
}

interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly WireAttribute[];
  readonly events: readonly { readonly name: string; readonly attributes: readonly WireAttribute[] }[];
  readonly status: { readonly code: number; readonly message: string } | null;
  readonly flags: number;
}
