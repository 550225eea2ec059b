import type { SpanContent } from './encode-protobuf.ts';
import { encodeResource, encodeScope, encodeSpan } from './encode-protobuf.ts';
import { UndecodableError } from './errors.ts';
import { JsonFields } from './json-fields.ts';
import { parseJson } from './parse-json.ts';
import { Rejections } from './rejections.ts';
import type { DecodedTraces, Resource, Scope, ScopeSpans, Span, SpanEvent, SpanLink } from './types.ts';
import { invalidSpanReason, parentSpanIdOf } from './validate-span.ts';

/**
 * Reads an ExportTraceServiceRequest in OTLP's JSON encoding: hex ids in any case, enums as integers, 64-bit
 * integers as text or number, unknown names ignored. Spans with a wrong value are left out and counted.
 * @throws UndecodableError when it is no JSON, or wrong around the spans
 */
export function decodeJson(bytes: Uint8Array): DecodedTraces {
  const rejections = new Rejections();
  const scopeSpans: ScopeSpans[] = [];
  try {
    const request = new JsonFields(parseJson(bytes), 'the request');
    for (const [resourceIndex, resourceSpans] of request.messages('resourceSpans').entries()) {
      const resource = readResource(resourceSpans);
      for (const [scopeIndex, group] of resourceSpans.messages('scopeSpans').entries()) {
        const spans: Span[] = [];
        for (const [index, fields] of group.items('spans').entries()) {
          const reason = pushSpan(fields, spans);
          if (reason !== undefined) rejections.add(resourceIndex, scopeIndex, index, reason);
        }
        scopeSpans.push({ resource, scope: readScope(group), spans });
      }
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UndecodableError(`The body is not an OTLP trace request in JSON: ${reason}`);
  }
  return {
    scopeSpans,
    spanCount: scopeSpans.reduce((sum, { spans }) => sum + spans.length, 0),
    rejectedCount: rejections.count,
    rejectedReason: rejections.reason,
  };
}

function readResource(resourceSpans: JsonFields): Resource {
  const fields = resourceSpans.message('resource');
  const resource = {
    attributes: fields.attributes('attributes'),
    droppedAttributesCount: fields.uint32('droppedAttributesCount'),
  };
  return { ...resource, schemaUrl: resourceSpans.text('schemaUrl'), raw: encodeResource(resource) };
}

function readScope(scopeSpans: JsonFields): Scope {
  const fields = scopeSpans.message('scope');
  const scope = {
    name: fields.text('name'),
    version: fields.text('version'),
    attributes: fields.attributes('attributes'),
    droppedAttributesCount: fields.uint32('droppedAttributesCount'),
  };
  return { ...scope, schemaUrl: scopeSpans.text('schemaUrl'), raw: encodeScope(scope) };
}

function pushSpan(value: unknown, spans: Span[]): string | undefined {
  try {
    const span = readSpan(new JsonFields(value, 'the span'));
    const reason = invalidSpanReason(span.traceId, span.spanId);
    if (reason === undefined) spans.push({ ...span, raw: encodeSpan(span) });
    return reason;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function readSpan(fields: JsonFields): SpanContent {
  const status = fields.message('status');
  return {
    traceId: fields.hex('traceId'),
    spanId: fields.hex('spanId'),
    parentSpanId: parentSpanIdOf(fields.hex('parentSpanId')),
    traceState: fields.text('traceState'),
    flags: fields.uint32('flags'),
    name: fields.text('name'),
    kind: fields.enumeration('kind', SPAN_KINDS),
    startTimeUnixNano: fields.uint64('startTimeUnixNano'),
    endTimeUnixNano: fields.uint64('endTimeUnixNano'),
    attributes: fields.attributes('attributes'),
    droppedAttributesCount: fields.uint32('droppedAttributesCount'),
    events: fields.messages('events').map(readEvent),
    droppedEventsCount: fields.uint32('droppedEventsCount'),
    links: fields.messages('links').map(readLink),
    droppedLinksCount: fields.uint32('droppedLinksCount'),
    statusCode: status.enumeration('code', STATUS_CODES),
    statusMessage: status.text('message'),
  };
}

function readEvent(fields: JsonFields): SpanEvent {
  return {
    timeUnixNano: fields.uint64('timeUnixNano'),
    name: fields.text('name'),
    attributes: fields.attributes('attributes'),
    droppedAttributesCount: fields.uint32('droppedAttributesCount'),
  };
}

function readLink(fields: JsonFields): SpanLink {
  return {
    traceId: fields.hex('traceId'),
    spanId: fields.hex('spanId'),
    traceState: fields.text('traceState'),
    attributes: fields.attributes('attributes'),
    droppedAttributesCount: fields.uint32('droppedAttributesCount'),
    flags: fields.uint32('flags'),
  };
}

/** OTLP's JSON has enums as integers; ProtoJSON's names are taken as well, since clients do send them. */
const SPAN_KINDS = [
  'SPAN_KIND_UNSPECIFIED',
  'SPAN_KIND_INTERNAL',
  'SPAN_KIND_SERVER',
  'SPAN_KIND_CLIENT',
  'SPAN_KIND_PRODUCER',
  'SPAN_KIND_CONSUMER',
];
const STATUS_CODES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];
