import { ResourceSpansFields, ScopeSpansFields } from '../fields/trace.ts';
import { ExportTraceServiceRequestFields } from '../fields/trace-service.ts';
import type { DecodedTraces, ScopeSpans, Span } from '../messages/trace.ts';
import { ProtobufWriter, varintSize } from './writer.ts';

/** Bytes of tags and lengths around one message, at most. */
const HEADER_BYTES = 16;

/** An ExportTraceServiceRequest with the messages as they came, each group under a resource of its own. */
export function encodeTraces({ scopeSpans }: Pick<DecodedTraces, 'scopeSpans'>): Uint8Array {
  const writer = new ProtobufWriter(sizeOf(scopeSpans));
  for (const { resource, scope, spans } of scopeSpans) {
    const lengthBytes = varintSize(spanBytes(spans));
    const resourceSpans = writer.begin(ExportTraceServiceRequestFields.resourceSpans, lengthBytes);
    writer.bytesField(ResourceSpansFields.resource, resource.raw);
    const start = writer.begin(ResourceSpansFields.scopeSpans, lengthBytes);
    writer.bytesField(ScopeSpansFields.scope, scope.raw);
    for (const span of spans) writer.bytesField(ScopeSpansFields.spans, span.raw);
    if (scope.schemaUrl !== '') writer.string(ScopeSpansFields.schemaUrl, scope.schemaUrl);
    writer.end(start, lengthBytes);
    if (resource.schemaUrl !== '') writer.string(ResourceSpansFields.schemaUrl, resource.schemaUrl);
    writer.end(resourceSpans, lengthBytes);
  }
  return writer.bytes.subarray(0, writer.length);
}

/** As large as the request can become, so that the buffer does not have to grow, and its copy is not needed. */
function sizeOf(scopeSpans: readonly ScopeSpans[]): number {
  let size = HEADER_BYTES;
  for (const { resource, scope, spans } of scopeSpans) {
    size += resource.raw.length + scope.raw.length + spanBytes(spans) + HEADER_BYTES * (spans.length + 5);
    size += 3 * (resource.schemaUrl.length + scope.schemaUrl.length);
  }
  return size;
}

function spanBytes(spans: readonly Span[]): number {
  return spans.reduce((sum, { raw }) => sum + raw.length, 0);
}
