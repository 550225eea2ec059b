import type { Attribute } from '../messages/attributes.ts';
import { ValueKind } from '../messages/attributes.ts';
import type { JsonMessage } from './without-defaults.ts';

/** Attributes as a list of KeyValue in OTLP's JSON encoding. */
export function attributesToJson(attributes: readonly Attribute[]): JsonMessage[] {
  return attributes.map((attribute) => ({ key: attribute.key, value: anyValueToJson(attribute) }));
}

/** An AnyValue as an object with one member. 64-bit integers are text. */
export function anyValueToJson({ kind, value }: Attribute): JsonMessage {
  switch (kind) {
    case ValueKind.string:
      return { stringValue: value };
    case ValueKind.boolean:
      return { boolValue: value };
    case ValueKind.integer:
      return { intValue: String(value) };
    case ValueKind.float:
      return { doubleValue: doubleToJson(value as number) };
    case ValueKind.bytes:
      return { bytesValue: base64(value as Uint8Array) };
    case ValueKind.array:
      return { arrayValue: { values: (value as readonly Attribute[]).map(anyValueToJson) } };
    case ValueKind.map:
      return { kvlistValue: { values: attributesToJson(value as readonly Attribute[]) } };
    default:
      return {};
  }
}

/** NaN, the infinities and -0 as text. JSON has no number for them. */
function doubleToJson(value: number): number | string {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : String(value);
}

/** Encodes without Buffer, which browsers do not have. */
function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
