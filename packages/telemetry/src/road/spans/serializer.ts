import type { InstrumentationScope } from '@opentelemetry/core';
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
import { encodeSpan } from './encode-span.ts';

/** Bytes of a length field: a usual request, and a usual scope, have between 16 KiB and 2 MiB. */
const LENGTH_BYTES = 3;

/** All requests share one buffer, because serializing is synchronous. */
const writer = new ProtobufWriter();

/** The bytes of consecutive ended spans of one resource and one scope: elements of `ScopeSpans.spans`. Replaces the first span. */
interface EncodedSpans extends Partial<ReadableSpan> {
  bytes?: Uint8Array;
}

/** Replaces a span whose bytes are in an earlier element. */
const ENCODED_BEFORE = Object.freeze({}) as ReadableSpan;

/**
 * Writes spans directly as an ExportTraceServiceRequest in protobuf. Attributes may have maps as values. Like the official
 * serializer, throws for an attribute that contains itself.
 */
export function encode(spans: readonly ReadableSpan[]): Uint8Array {
  writer.reset();
  for (const [resource, scopes] of byOrigin(spans)) writeResourceSpans(resource, scopes);
  return writer.toBuffer();
}

/** Encodes ended spans from `start` on soon after their end, so that a span does not survive a collection of garbage. */
export function compact(spans: ReadableSpan[], start: number): void {
  let row: EncodedSpans | undefined;
  writer.reset();
  for (let index = start; index < spans.length; index++) {
    const span = spans[index] as ReadableSpan;
    const { resource, instrumentationScope } = span;
    if (row?.resource !== resource || row.instrumentationScope !== instrumentationScope) row = endRow(row);
    const before = writer.length;
    try {
      encodeSpan(writer, span);
      if (row !== undefined) spans[index] = ENCODED_BEFORE;
      else {
        row = { resource, instrumentationScope };
        spans[index] = row as ReadableSpan;
      }
    } catch {
      writer.length = before; // the span stays, and is lost when the request is encoded
    }
  }
  endRow(row);
}

function endRow(row: EncodedSpans | undefined): undefined {
  if (row !== undefined) row.bytes = writer.toBuffer();
  writer.reset();
}

type Scopes = Map<InstrumentationScope, ReadableSpan[]>;

function byOrigin(spans: readonly ReadableSpan[]): Map<Resource, Scopes> {
  const resources = new Map<Resource, Scopes>();
  for (const span of spans) {
    if (span === ENCODED_BEFORE) continue;
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
    if ('bytes' in span) writer.raw(span.bytes as Uint8Array);
    else encodeSpan(writer, span);
  if (scope.schemaUrl) writer.string(ScopeSpansFields.schemaUrl, scope.schemaUrl);
  writer.end(start, LENGTH_BYTES);
}
