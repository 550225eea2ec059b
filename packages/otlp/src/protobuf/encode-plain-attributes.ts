import { AnyValueFields, ArrayValueFields, KeyValueFields, KeyValueListFields } from '../fields/common.ts';
import type { ProtobufWriter } from './writer.ts';

const MIN_INT64 = -(2 ** 63);
const MAX_INT64 = 2 ** 63;

/**
 * Writes plain values by name as the `repeated KeyValue` of the given tag. Whole numbers up to 64 bits are integers. Null and
 * undefined are the empty AnyValue, as the official serializer writes them.
 * @throws RangeError for a value that contains itself
 * @example writePlainAttributes(writer, SpanFields.attributes, { 'http.request.method': 'GET' })
 */
export function writePlainAttributes(writer: ProtobufWriter, tag: number, attributes: object): void {
  for (const key in attributes) {
    if (Object.hasOwn(attributes, key)) {
      writePlainAttribute(writer, tag, key, (attributes as Record<string, unknown>)[key]);
    }
  }
}

/** One attribute, for callers without an object of attributes. */
function writePlainAttribute(writer: ProtobufWriter, tag: number, key: string, value: unknown): void {
  const start = writer.begin(tag);
  writer.string(KeyValueFields.key, key);
  const valueStart = writer.begin(KeyValueFields.value);
  writePlainValue(writer, value);
  writer.end(valueStart);
  writer.end(start);
}

/** AnyValue's content; a value without a type in OTLP is the empty AnyValue. */
function writePlainValue(writer: ProtobufWriter, value: unknown): void {
  switch (typeof value) {
    case 'string':
      writer.string(AnyValueFields.stringValue, value);
      return;
    case 'boolean':
      writer.bool(AnyValueFields.boolValue, value);
      return;
    case 'number':
      if (Number.isInteger(value) && value >= MIN_INT64 && value < MAX_INT64) {
        writer.int64(AnyValueFields.intValue, value);
      } else {
        writer.double(AnyValueFields.doubleValue, value);
      }
      return;
    case 'object':
      if (value !== null) writeComposite(writer, value);
  }
}

function writeComposite(writer: ProtobufWriter, value: object): void {
  if (value instanceof Uint8Array) {
    writer.bytesField(AnyValueFields.bytesValue, value);
  } else if (Array.isArray(value)) {
    const start = writer.begin(AnyValueFields.arrayValue);
    for (const item of value as unknown[]) {
      const itemStart = writer.begin(ArrayValueFields.values);
      writePlainValue(writer, item);
      writer.end(itemStart);
    }
    writer.end(start);
  } else {
    const start = writer.begin(AnyValueFields.kvlistValue);
    writePlainAttributes(writer, KeyValueListFields.values, value);
    writer.end(start);
  }
}
