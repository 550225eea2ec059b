import { ProtobufWriter } from './protobuf-writer.ts';
import type { Attribute, DecodedTraces, Resource, Scope, Span } from './types.ts';
import { ValueKind } from './types.ts';

/** Span without its encoded form: what encodeSpan needs. */
export type SpanContent = Omit<Span, 'raw'>;

/** The Span message (opentelemetry/proto/trace/v1). */
export function encodeSpan(span: SpanContent): Uint8Array {
  const writer = new ProtobufWriter(512)
    .hex(1, span.traceId)
    .hex(2, span.spanId)
    .text(3, span.traceState)
    .hex(4, span.parentSpanId)
    .text(5, span.name)
    .uint32(6, span.kind)
    .fixed64(7, span.startTimeUnixNano)
    .fixed64(8, span.endTimeUnixNano);
  writeAttributes(writer, 9, span.attributes);
  writer.uint32(10, span.droppedAttributesCount);
  for (const event of span.events) {
    writer.message(11, (message) => {
      message.fixed64(1, event.timeUnixNano).text(2, event.name);
      writeAttributes(message, 3, event.attributes);
      message.uint32(4, event.droppedAttributesCount);
    });
  }
  writer.uint32(12, span.droppedEventsCount);
  for (const link of span.links) {
    writer.message(13, (message) => {
      message.hex(1, link.traceId).hex(2, link.spanId).text(3, link.traceState);
      writeAttributes(message, 4, link.attributes);
      message.uint32(5, link.droppedAttributesCount).fixed32(6, link.flags);
    });
  }
  writer.uint32(14, span.droppedLinksCount);
  if (span.statusCode !== 0 || span.statusMessage !== '') {
    writer.message(15, (message) => message.text(2, span.statusMessage).uint32(3, span.statusCode));
  }
  return writer.fixed32(16, span.flags).finish();
}

/** The Resource message (opentelemetry/proto/resource/v1). */
export function encodeResource(
  resource: Pick<Resource, 'attributes' | 'droppedAttributesCount'>,
): Uint8Array {
  const writer = new ProtobufWriter();
  writeAttributes(writer, 1, resource.attributes);
  return writer.uint32(2, resource.droppedAttributesCount).finish();
}

/** The InstrumentationScope message (opentelemetry/proto/common/v1). */
export function encodeScope(scope: Omit<Scope, 'raw' | 'schemaUrl'>): Uint8Array {
  const writer = new ProtobufWriter().text(1, scope.name).text(2, scope.version);
  writeAttributes(writer, 3, scope.attributes);
  return writer.uint32(4, scope.droppedAttributesCount).finish();
}

/** An ExportTraceServiceRequest with the messages as they came. */
export function encodeTraces({ scopeSpans }: Pick<DecodedTraces, 'scopeSpans'>): Uint8Array {
  const writer = new ProtobufWriter(4096);
  for (const { resource, scope, spans } of scopeSpans) {
    writer.message(1, (resourceSpans) => {
      resourceSpans.bytes(1, resource.raw);
      resourceSpans.message(2, (message) => {
        message.bytes(1, scope.raw);
        for (const span of spans) message.bytes(2, span.raw);
        message.text(3, scope.schemaUrl);
      });
      resourceSpans.text(3, resource.schemaUrl);
    });
  }
  return writer.finish();
}

function writeAttributes(writer: ProtobufWriter, field: number, attributes: readonly Attribute[]): void {
  for (const attribute of attributes) {
    writer.message(field, (message) => {
      message.text(1, attribute.key);
      if (attribute.kind !== ValueKind.none) message.message(2, (value) => writeValue(value, attribute));
    });
  }
}

function writeValue(writer: ProtobufWriter, { kind, value }: Attribute): void {
  switch (kind) {
    case ValueKind.string:
      writer.textAlways(kind, value as string);
      break;
    case ValueKind.boolean:
      writer.boolAlways(kind, value as boolean);
      break;
    case ValueKind.integer:
      writer.int64Always(kind, value as number | bigint);
      break;
    case ValueKind.float:
      writer.double(kind, value as number);
      break;
    case ValueKind.bytes:
      writer.bytes(kind, value as Uint8Array);
      break;
    case ValueKind.array:
      writer.message(kind, (array) => {
        for (const item of value as readonly Attribute[])
          array.message(1, (nested) => writeValue(nested, item));
      });
      break;
    case ValueKind.map:
      writer.message(kind, (map) => writeAttributes(map, 1, value as readonly Attribute[]));
  }
}
