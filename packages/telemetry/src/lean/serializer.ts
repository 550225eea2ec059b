import type { InstrumentationScope } from '@opentelemetry/core';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import {
  ExportTraceServiceRequestFields,
  InstrumentationScopeFields,
  ProtobufWriter,
  ResourceFields,
  ResourceSpansFields,
  ScopeSpansFields,
  writePlainAttributes,
} from '@tandem/otlp/encode';
import type { SpanSerializer } from '../spans/engine.ts';
import { encodeSpan } from './encode-span.ts';

/** Bytes of a length field: a usual request, and a usual scope, have between 16 KiB and 2 MiB. */
const LENGTH_BYTES = 3;

/** All requests share one buffer, because serializing is synchronous. */
const writer = new ProtobufWriter();

/** An ended span as an element of `ScopeSpans.spans`. */
interface EncodedSpan extends Partial<ReadableSpan> {
  readonly bytes: Uint8Array;
}

/**
 * Writes spans directly as an ExportTraceServiceRequest in protobuf. Attributes may have maps as values. Like the official
 * serializer, throws for an attribute that contains itself.
 *
 * `compact` encodes ended spans soon after their end, so that a span does not survive a collection of garbage.
 */
export const leanTraceSerializer: SpanSerializer = {
  serializeRequest(spans) {
    writer.reset();
    for (const [resource, scopes] of byOrigin(spans)) writeResourceSpans(resource, scopes);
    return writer.toBuffer();
  },
  deserializeResponse: (data) => ProtobufTraceSerializer.deserializeResponse(data),
  compact(spans, start) {
    writer.reset();
    const ends = spans.slice(start).map((span) => {
      const before = writer.length;
      try {
        encodeSpan(writer, span);
      } catch {
        writer.length = before; // the span stays, and is lost when the request is encoded
      }
      return writer.length;
    });
    const bytes = writer.toBuffer();
    let at = 0;
    for (const [index, end] of ends.entries()) {
      const { resource, instrumentationScope } = spans[start + index] as ReadableSpan;
      const encoded: EncodedSpan = { resource, instrumentationScope, bytes: bytes.subarray(at, end) };
      if (end > at) spans[start + index] = encoded as ReadableSpan;
      at = end;
    }
  },
};

type Scopes = Map<InstrumentationScope, ReadableSpan[]>;

function byOrigin(spans: readonly ReadableSpan[]): Map<Resource, Scopes> {
  const resources = new Map<Resource, Scopes>();
  for (const span of spans) {
    const { resource, instrumentationScope } = span;
    const scopes: Scopes = resources.get(resource) ?? new Map();
    const ofScope = scopes.get(instrumentationScope);
    if (ofScope !== undefined) ofScope.push(span);
    else resources.set(resource, scopes.set(instrumentationScope, [span]));
  }
  return resources;
}

function writeResourceSpans(resource: Resource, scopes: Scopes): void {
  const start = writer.begin(ExportTraceServiceRequestFields.resourceSpans, LENGTH_BYTES);
  const own = writer.begin(ResourceSpansFields.resource);
  writePlainAttributes(writer, ResourceFields.attributes, resource.attributes);
  writer.end(own);
  for (const [scope, spans] of scopes) writeScopeSpans(scope, spans);
  if (resource.schemaUrl) writer.string(ResourceSpansFields.schemaUrl, resource.schemaUrl);
  writer.end(start, LENGTH_BYTES);
}

function writeScopeSpans(
  scope: InstrumentationScope & { readonly attributes?: object },
  spans: readonly ReadableSpan[],
): void {
  const start = writer.begin(ResourceSpansFields.scopeSpans, LENGTH_BYTES);
  const own = writer.begin(ScopeSpansFields.scope);
  writer.string(InstrumentationScopeFields.name, scope.name);
  if (scope.version) writer.string(InstrumentationScopeFields.version, scope.version);
  if (scope.attributes) writePlainAttributes(writer, InstrumentationScopeFields.attributes, scope.attributes);
  writer.end(own);
  for (const span of spans)
    if ('bytes' in span) writer.raw((span as EncodedSpan).bytes);
    else encodeSpan(writer, span);
  if (scope.schemaUrl) writer.string(ScopeSpansFields.schemaUrl, scope.schemaUrl);
  writer.end(start, LENGTH_BYTES);
}
