import { TraceRequest } from './oracle.ts';

export interface DecodedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty when there is none. */
  readonly parentSpanId: string;
  readonly name: string;
}

export interface DecodedRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly unknown[] };
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string };
      readonly spans: readonly DecodedSpan[];
    }[];
  }[];
}

/** Decodes an ExportTraceServiceRequest with protobufjs; ids in hexadecimal, 64-bit numbers as strings. */
export function decodeRequest(body: Uint8Array): DecodedRequest {
  const hex = (value: unknown): unknown => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
    if (Array.isArray(value)) return value.map(hex);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, hex(part)]));
  };
  return hex(
    TraceRequest.toObject(TraceRequest.decode(body), { longs: String, defaults: true, oneofs: true }),
  ) as DecodedRequest;
}

/** All spans of a request, in order. */
export function spansOf(body: Uint8Array): DecodedSpan[] {
  return decodeRequest(body).resourceSpans.flatMap((resource) =>
    resource.scopeSpans.flatMap((scope) => scope.spans),
  );
}

/** The names of all spans of a request, in order: some ten times as fast as decoding all that they have. */
export function spanNames(body: Uint8Array): string[] {
  const request = TraceRequest.decode(body) as unknown as DecodedNames;
  return request.resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
  );
}

interface DecodedNames {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly { readonly name: string }[] }[];
  }[];
}
