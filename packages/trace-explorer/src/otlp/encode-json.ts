import type { Attribute, Resource, Scope, Span } from './types.ts';
import { ValueKind } from './types.ts';

/** A Span message in OTLP's JSON encoding. Fields at their default are left out, as in protobuf. */
export function spanToJson(span: Span): Record<string, unknown> {
  return withoutDefaults({
    traceId: span.traceId,
    spanId: span.spanId,
    traceState: span.traceState,
    parentSpanId: span.parentSpanId,
    flags: span.flags,
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: String(span.startTimeUnixNano),
    endTimeUnixNano: String(span.endTimeUnixNano),
    attributes: attributesToJson(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map((event) =>
      withoutDefaults({
        timeUnixNano: String(event.timeUnixNano),
        name: event.name,
        attributes: attributesToJson(event.attributes),
        droppedAttributesCount: event.droppedAttributesCount,
      }),
    ),
    droppedEventsCount: span.droppedEventsCount,
    links: span.links.map((link) =>
      withoutDefaults({
        traceId: link.traceId,
        spanId: link.spanId,
        traceState: link.traceState,
        attributes: attributesToJson(link.attributes),
        droppedAttributesCount: link.droppedAttributesCount,
        flags: link.flags,
      }),
    ),
    droppedLinksCount: span.droppedLinksCount,
    status: withoutDefaults({ message: span.statusMessage, code: span.statusCode }),
  });
}

/** A Resource message in OTLP's JSON encoding. */
export function resourceToJson({ attributes, droppedAttributesCount }: Resource): Record<string, unknown> {
  return withoutDefaults({ attributes: attributesToJson(attributes), droppedAttributesCount });
}

/** An InstrumentationScope message in OTLP's JSON encoding. */
export function scopeToJson(scope: Scope): Record<string, unknown> {
  return withoutDefaults({
    name: scope.name,
    version: scope.version,
    attributes: attributesToJson(scope.attributes),
    droppedAttributesCount: scope.droppedAttributesCount,
  });
}

function attributesToJson(attributes: readonly Attribute[]): unknown[] {
  return attributes.map((attribute) => ({ key: attribute.key, value: valueToJson(attribute) }));
}

function valueToJson({ kind, value }: Attribute): Record<string, unknown> {
  switch (kind) {
    case ValueKind.string:
      return { stringValue: value };
    case ValueKind.boolean:
      return { boolValue: value };
    case ValueKind.integer:
      return { intValue: String(value) };
    case ValueKind.float:
      return { doubleValue: Number.isFinite(value) ? value : String(value) };
    case ValueKind.bytes:
      return { bytesValue: Buffer.from(value as Uint8Array).toString('base64') };
    case ValueKind.array:
      return { arrayValue: { values: (value as readonly Attribute[]).map(valueToJson) } };
    case ValueKind.map:
      return { kvlistValue: { values: attributesToJson(value as readonly Attribute[]) } };
    default:
      return {};
  }
}

function withoutDefaults(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isDefault(value)));
}

function isDefault(value: unknown): boolean {
  if (value === '' || value === 0 || value === '0') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
