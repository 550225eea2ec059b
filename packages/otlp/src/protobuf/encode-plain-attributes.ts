import { AnyValueFields, ArrayValueFields, KeyValueFields, KeyValueListFields } from '../fields/common.ts';
import { LOOP_CHARACTERS, utf8Length } from './output-buffer.ts';
import { ProtobufWriter, varintSize } from './writer.ts';

/** Keys are few and come back with each span; a program that makes up keys must not fill the memory. */
const CACHED_KEYS = 1024;
const LONGEST_CACHED_KEY = 128;

const MIN_INT64 = -(2 ** 63);
const MAX_INT64 = 2 ** 63;

// Constants of this module: an import is looked up anew for every attribute.
const VALUE_TAG = KeyValueFields.value;
const STRING_TAG = AnyValueFields.stringValue;

const keyFields = new Map<string, Uint8Array>();

/**
 * Writes attributes as a program has them, plain values by name, as the `repeated KeyValue` of the given tag.
 * Entries without a value are left out. Whole numbers are integers, as far as 64 bits have them.
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

/** One attribute of {@link writePlainAttributes}, for a caller that keeps keys and values otherwise. */
export function writePlainAttribute(writer: ProtobufWriter, tag: number, key: string, value: unknown): void {
  if (value === undefined || value === null) return;
  const keyField = keyFieldOf(key);
  if (typeof value === 'string') {
    writeStringAttribute(writer, tag, keyField, value);
    return;
  }
  const start = writer.begin(tag);
  writer.raw(keyField);
  const valueStart = writer.begin(KeyValueFields.value);
  writePlainValue(writer, value);
  writer.end(valueStart);
  writer.end(start);
}

/** A plain value as the AnyValue of the given tag. @throws RangeError for a value that contains itself */
export function writePlainAnyValue(writer: ProtobufWriter, tag: number, value: unknown): void {
  const start = writer.begin(tag);
  writePlainValue(writer, value);
  writer.end(start);
}

/** The key of a KeyValue, encoded. */
function keyFieldOf(key: string): Uint8Array {
  return keyFields.get(key) ?? encodeKey(key);
}

/** AnyValue's content; a value that OTLP has no type for is the empty AnyValue. */
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

/**
 * A KeyValue with a string value, whose key field is given encoded. The usual value is short and ASCII: it is
 * written in one pass, and again if that turns out wrong.
 */
function writeStringAttribute(
  writer: ProtobufWriter,
  tag: number,
  keyField: Uint8Array,
  value: string,
): void {
  const { length } = value;
  const keyLength = keyField.length;
  if (length > LOOP_CHARACTERS || keyLength > LOOP_CHARACTERS) {
    writeAnyStringAttribute(writer, tag, keyField, value);
    return;
  }
  // All tags and lengths below fit one byte.
  writer.reserve(keyLength + length + 6);
  const { bytes } = writer;
  let at = writer.length;
  bytes[at++] = tag;
  bytes[at++] = keyLength + length + 4;
  for (let i = 0; i < keyLength; i++) bytes[at++] = keyField[i] as number;
  bytes[at++] = VALUE_TAG;
  bytes[at++] = length + 2;
  bytes[at++] = STRING_TAG;
  bytes[at++] = length;
  for (let i = 0; i < length; i++) {
    const code = value.charCodeAt(i);
    if (code > 0x7f) {
      writeAnyStringAttribute(writer, tag, keyField, value);
      return;
    }
    bytes[at++] = code;
  }
  writer.length = at;
}

function writeAnyStringAttribute(
  writer: ProtobufWriter,
  tag: number,
  keyField: Uint8Array,
  value: string,
): void {
  const count = utf8Length(value);
  const inner = 1 + varintSize(count) + count;
  writer.varint(tag);
  writer.varint(keyField.length + 1 + varintSize(inner) + inner);
  writer.raw(keyField);
  writer.varint(KeyValueFields.value);
  writer.varint(inner);
  writer.varint(AnyValueFields.stringValue);
  writer.varint(count);
  writer.utf8(value, count);
}

function encodeKey(key: string): Uint8Array {
  const writer = new ProtobufWriter(64);
  writer.string(KeyValueFields.key, key);
  const field = writer.toBuffer();
  if (keyFields.size < CACHED_KEYS && field.length <= LONGEST_CACHED_KEY) keyFields.set(key, field);
  return field;
}
