import { UndecodableError } from './errors.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { Rejections } from './rejections.ts';
import type {
  Attribute,
  DecodedTraces,
  Resource,
  Scope,
  ScopeSpans,
  Span,
  SpanEvent,
  SpanLink,
} from './types.ts';
import { ValueKind } from './types.ts';
import { invalidSpanReason, parentSpanIdOf } from './validate-span.ts';

/** Deeper values are refused with their span; protobuf libraries stop at 100 levels as well. */
export const MAX_VALUE_DEPTH = 100;

/**
 * Reads an ExportTraceServiceRequest (opentelemetry/proto/collector/trace/v1). A span that cannot be read is
 * left out and counted: its length is known, so what follows it can be read all the same. Spans keep views on
 * `bytes`, which must not change afterwards.
 * @throws UndecodableError when anything around the spans is malformed
 */
export function decodeProtobuf(bytes: Uint8Array): DecodedTraces {
  const reader = new ProtobufReader(bytes);
  const rejections = new Rejections();
  const scopeSpans: ScopeSpans[] = [];
  try {
    for (let index = 0; !reader.done; ) {
      const tag = reader.tag();
      if (tag === RESOURCE_SPANS) readResourceSpans(reader, index++, scopeSpans, rejections);
      else reader.skip(tag);
    }
  } catch (error) {
    throw new UndecodableError(`The body is not an OTLP trace request in protobuf: ${messageOf(error)}`);
  }
  return {
    scopeSpans,
    spanCount: scopeSpans.reduce((sum, { spans }) => sum + spans.length, 0),
    rejectedCount: rejections.count,
    rejectedReason: rejections.reason,
  };
}

/** Reads one Span message. @throws MalformedProtobufError */
export function decodeSpan(raw: Uint8Array): Span {
  return readSpan(new ProtobufReader(raw), raw);
}

/** Reads one Resource message. @throws MalformedProtobufError */
export function decodeResource(raw: Uint8Array, schemaUrl: string): Resource {
  const reader = new ProtobufReader(raw);
  const attributes: Attribute[] = [];
  let droppedAttributesCount = 0;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 10) attributes.push(readAttribute(reader, 0));
    else if (tag === 16) droppedAttributesCount = reader.uint32();
    else reader.skip(tag);
  }
  return { attributes, droppedAttributesCount, schemaUrl, raw };
}

/** Reads one InstrumentationScope message. @throws MalformedProtobufError */
export function decodeScope(raw: Uint8Array, schemaUrl: string): Scope {
  const reader = new ProtobufReader(raw);
  const attributes: Attribute[] = [];
  let name = '';
  let version = '';
  let droppedAttributesCount = 0;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 10) name = reader.text();
    else if (tag === 18) version = reader.text();
    else if (tag === 26) attributes.push(readAttribute(reader, 0));
    else if (tag === 32) droppedAttributesCount = reader.uint32();
    else reader.skip(tag);
  }
  return { name, version, attributes, droppedAttributesCount, schemaUrl, raw };
}

// Tags are field number × 8 + wire type (0 varint, 1 fixed64, 2 bytes, 5 fixed32).
const RESOURCE_SPANS = 10;
const EMPTY = Buffer.alloc(0);

function readResourceSpans(
  reader: ProtobufReader,
  index: number,
  scopeSpans: ScopeSpans[],
  rejections: Rejections,
): void {
  const outer = reader.enter();
  // The resource's schema URL comes after its spans: find both first, then read the scopes.
  const start = reader.position;
  let raw: Uint8Array = EMPTY;
  let schemaUrl = '';
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 10) raw = reader.slice();
    else if (tag === 26) schemaUrl = reader.text();
    else reader.skip(tag);
  }
  const resource = decodeResource(raw, schemaUrl);
  reader.position = start;
  for (let scope = 0; !reader.done; ) {
    const tag = reader.tag();
    if (tag === 18) scopeSpans.push(readScopeSpans(reader, resource, index, scope++, rejections));
    else reader.skip(tag);
  }
  reader.leave(outer);
}

function readScopeSpans(
  reader: ProtobufReader,
  resource: Resource,
  resourceIndex: number,
  scopeIndex: number,
  rejections: Rejections,
): ScopeSpans {
  const outer = reader.enter();
  const spans: Span[] = [];
  let raw: Uint8Array = EMPTY;
  let schemaUrl = '';
  for (let index = 0; !reader.done; ) {
    const tag = reader.tag();
    if (tag === 18) {
      const inner = reader.enter();
      const reason = pushSpan(reader, spans);
      if (reason !== undefined) rejections.add(resourceIndex, scopeIndex, index, reason);
      reader.leave(inner);
      index++;
    } else if (tag === 10) raw = reader.slice();
    else if (tag === 26) schemaUrl = reader.text();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return { resource, scope: decodeScope(raw, schemaUrl), spans };
}

/** Reads the span that `reader` has entered; says why when it has to be left out. */
function pushSpan(reader: ProtobufReader, spans: Span[]): string | undefined {
  const { end } = reader;
  try {
    const span = readSpan(reader, reader.bytes.subarray(reader.position, end));
    const reason = invalidSpanReason(span.traceId, span.spanId);
    if (reason === undefined) spans.push(span);
    return reason;
  } catch (error) {
    // A message nested in the span may have been left half read.
    reader.end = end;
    return messageOf(error);
  }
}

function readSpan(reader: ProtobufReader, raw: Uint8Array): Span {
  let traceId = '';
  let spanId = '';
  let parentSpanId = '';
  let traceState = '';
  let flags = 0;
  let name = '';
  let kind = 0;
  let startTimeUnixNano = 0n;
  let endTimeUnixNano = 0n;
  const attributes: Attribute[] = [];
  let droppedAttributesCount = 0;
  let events: SpanEvent[] | undefined;
  let droppedEventsCount = 0;
  let links: SpanLink[] | undefined;
  let droppedLinksCount = 0;
  let statusCode = 0;
  let statusMessage = '';
  while (!reader.done) {
    const tag = reader.tag();
    switch (tag) {
      case 10:
        traceId = reader.hex();
        break;
      case 18:
        spanId = reader.hex();
        break;
      case 26:
        traceState = reader.text();
        break;
      case 34:
        parentSpanId = parentSpanIdOf(reader.hex());
        break;
      case 42:
        name = reader.text();
        break;
      case 48:
        kind = reader.uint32();
        break;
      case 57:
        startTimeUnixNano = reader.fixed64();
        break;
      case 65:
        endTimeUnixNano = reader.fixed64();
        break;
      case 74:
        attributes.push(readAttribute(reader, 0));
        break;
      case 80:
        droppedAttributesCount = reader.uint32();
        break;
      case 90:
        events ??= [];
        events.push(readEvent(reader));
        break;
      case 96:
        droppedEventsCount = reader.uint32();
        break;
      case 106:
        links ??= [];
        links.push(readLink(reader));
        break;
      case 112:
        droppedLinksCount = reader.uint32();
        break;
      case 122: {
        const outer = reader.enter();
        while (!reader.done) {
          const inner = reader.tag();
          if (inner === 18) statusMessage = reader.text();
          else if (inner === 24) statusCode = reader.uint32();
          else reader.skip(inner);
        }
        reader.leave(outer);
        break;
      }
      case 133:
        flags = reader.fixed32();
        break;
      default:
        reader.skip(tag);
    }
  }
  return {
    traceId,
    spanId,
    parentSpanId,
    traceState,
    flags,
    name,
    kind,
    startTimeUnixNano,
    endTimeUnixNano,
    attributes,
    droppedAttributesCount,
    events: events ?? NONE,
    droppedEventsCount,
    links: links ?? NONE,
    droppedLinksCount,
    statusCode,
    statusMessage,
    raw,
  };
}

/** Shared by the many spans without events or links. */
const NONE: readonly never[] = Object.freeze([]);

function readEvent(reader: ProtobufReader): SpanEvent {
  const outer = reader.enter();
  let timeUnixNano = 0n;
  let name = '';
  const attributes: Attribute[] = [];
  let droppedAttributesCount = 0;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 9) timeUnixNano = reader.fixed64();
    else if (tag === 18) name = reader.text();
    else if (tag === 26) attributes.push(readAttribute(reader, 0));
    else if (tag === 32) droppedAttributesCount = reader.uint32();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return { timeUnixNano, name, attributes, droppedAttributesCount };
}

function readLink(reader: ProtobufReader): SpanLink {
  const outer = reader.enter();
  let traceId = '';
  let spanId = '';
  let traceState = '';
  const attributes: Attribute[] = [];
  let droppedAttributesCount = 0;
  let flags = 0;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 10) traceId = reader.hex();
    else if (tag === 18) spanId = reader.hex();
    else if (tag === 26) traceState = reader.text();
    else if (tag === 34) attributes.push(readAttribute(reader, 0));
    else if (tag === 40) droppedAttributesCount = reader.uint32();
    else if (tag === 53) flags = reader.fixed32();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return { traceId, spanId, traceState, attributes, droppedAttributesCount, flags };
}

function readAttribute(reader: ProtobufReader, depth: number): Attribute {
  const outer = reader.enter();
  let key = '';
  let kind: Attribute['kind'] = ValueKind.none;
  let value: Attribute['value'] = null;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 10) key = reader.text();
    else if (tag === 18) {
      const inner = reader.enter();
      kind = ValueKind.none;
      value = null;
      while (!reader.done) {
        const valueTag = reader.tag();
        const read = readValue(reader, valueTag, depth);
        if (read === undefined) continue;
        kind = (valueTag >> 3) as Attribute['kind'];
        value = read;
      }
      reader.leave(inner);
    } else reader.skip(tag);
  }
  reader.leave(outer);
  return { key, kind, value };
}

/** The member of AnyValue that `tag` announces; undefined when it is not a known one. */
function readValue(reader: ProtobufReader, tag: number, depth: number): Attribute['value'] | undefined {
  switch (tag) {
    case 10:
      return reader.text();
    case 16:
      return reader.uint32() !== 0;
    case 24:
      return reader.int64();
    case 33:
      return reader.double();
    case 42:
      return readList(reader, depth + 1, readItem);
    case 50:
      return readList(reader, depth + 1, readAttribute);
    case 58:
      return reader.slice();
    default:
      reader.skip(tag);
      return undefined;
  }
}

function readList(
  reader: ProtobufReader,
  depth: number,
  read: (reader: ProtobufReader, depth: number) => Attribute,
): Attribute[] {
  if (depth > MAX_VALUE_DEPTH)
    throw new RangeError(`a value is nested deeper than ${MAX_VALUE_DEPTH} levels`);
  const outer = reader.enter();
  const items: Attribute[] = [];
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === 10) items.push(read(reader, depth));
    else reader.skip(tag);
  }
  reader.leave(outer);
  return items;
}

function readItem(reader: ProtobufReader, depth: number): Attribute {
  const outer = reader.enter();
  let kind: Attribute['kind'] = ValueKind.none;
  let value: Attribute['value'] = null;
  while (!reader.done) {
    const tag = reader.tag();
    const read = readValue(reader, tag, depth);
    if (read === undefined) continue;
    kind = (tag >> 3) as Attribute['kind'];
    value = read;
  }
  reader.leave(outer);
  return { key: '', kind, value };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
