import { ResourceSpansFields, ScopeSpansFields } from '../fields/trace.ts';
import { ExportTraceServiceRequestFields } from '../fields/trace-service.ts';
import type { DecodedLogs } from '../messages/logs.ts';
import type { Resource, Scope } from '../messages/resource.ts';
import type { DecodedTraces } from '../messages/trace.ts';
import { ProtobufWriter, varintSize } from './writer.ts';

/** Bytes of tags and lengths around one message, at most. */
const HEADER_BYTES = 16;

interface Group {
  readonly resource: Resource;
  readonly scope: Scope;
  readonly items: readonly { readonly raw: Uint8Array }[];
}

/** An ExportTraceServiceRequest with the received messages, each group under its own resource. */
export function encodeTraces({ scopeSpans }: Pick<DecodedTraces, 'scopeSpans'>): Uint8Array {
  return encodeRequest(scopeSpans.map(({ spans, ...group }) => ({ ...group, items: spans })));
}

/** An ExportLogsServiceRequest with the received messages, each group under its own resource. */
export function encodeLogs({ scopeLogs }: Pick<DecodedLogs, 'scopeLogs'>): Uint8Array {
  return encodeRequest(scopeLogs.map(({ logRecords, ...group }) => ({ ...group, items: logRecords })));
}

/**
 * An export request of either signal with the received messages, each group under its own resource. The lists have the same
 * numbers in the requests of all signals; a test compares the tables.
 */
function encodeRequest(groups: readonly Group[]): Uint8Array {
  const writer = new ProtobufWriter(sizeOf(groups));
  for (const { resource, scope, items } of groups) {
    const lengthBytes = varintSize(itemBytes(items));
    const ofResource = writer.begin(ExportTraceServiceRequestFields.resourceSpans, lengthBytes);
    writer.bytesField(ResourceSpansFields.resource, resource.raw);
    const start = writer.begin(ResourceSpansFields.scopeSpans, lengthBytes);
    writer.bytesField(ScopeSpansFields.scope, scope.raw);
    for (const item of items) writer.bytesField(ScopeSpansFields.spans, item.raw);
    if (scope.schemaUrl !== '') writer.string(ScopeSpansFields.schemaUrl, scope.schemaUrl);
    writer.end(start, lengthBytes);
    if (resource.schemaUrl !== '') writer.string(ResourceSpansFields.schemaUrl, resource.schemaUrl);
    writer.end(ofResource, lengthBytes);
  }
  return writer.bytes.subarray(0, writer.length);
}

/** The largest possible size of the request, so that the buffer never grows. */
function sizeOf(groups: readonly Group[]): number {
  let size = HEADER_BYTES;
  for (const { resource, scope, items } of groups) {
    size += resource.raw.length + scope.raw.length + itemBytes(items) + HEADER_BYTES * (items.length + 5);
    size += 3 * (resource.schemaUrl.length + scope.schemaUrl.length);
  }
  return size;
}

function itemBytes(items: Group['items']): number {
  return items.reduce((sum, { raw }) => sum + raw.length, 0);
}
