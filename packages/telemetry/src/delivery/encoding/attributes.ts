import { ProtoWriter } from './proto-writer.ts';

/** Keys are few and come back with each span; a program that makes up keys must not fill the memory. */
const CACHED_KEYS = 1024;
const LONGEST_CACHED_KEY = 128;

const MIN_INT64 = -(2 ** 63);
const MAX_INT64 = 2 ** 63;

const keyFields = new Map<string, Uint8Array>();

/**
 * Writes attributes as `repeated KeyValue` (opentelemetry.proto.common.v1) under the given one-byte tag.
 * Entries without a value are left out.
 */
export function writeAttributes(writer: ProtoWriter, tag: number, attributes: object): void {
  for (const key in attributes) {
    if (Object.hasOwn(attributes, key)) {
      writeAttribute(writer, tag, key, (attributes as Record<string, unknown>)[key]);
    }
  }
}

function writeAttribute(writer: ProtoWriter, tag: number, key: string, value: unknown): void {
  if (value === undefined || value === null) return;
  const keyField = keyFields.get(key) ?? encodeKey(key);
  if (typeof value === 'string') {
    writer.stringAttribute(tag, keyField, value);
    return;
  }
  writer.byte(tag);
  const start = writer.begin();
  writer.raw(keyField);
  writer.byte(0x12);
  const valueStart = writer.begin();
  writeAnyValue(writer, value);
  writer.end(valueStart);
  writer.end(start);
}

/** AnyValue's content; a value that OTLP has no type for is the empty AnyValue. */
function writeAnyValue(writer: ProtoWriter, value: unknown): void {
  switch (typeof value) {
    case 'string':
      writer.byte(0x0a);
      writer.string(value);
      return;
    case 'boolean':
      writer.byte(0x10);
      writer.byte(value ? 1 : 0);
      return;
    case 'number':
      if (Number.isInteger(value) && value >= MIN_INT64 && value < MAX_INT64) {
        writer.byte(0x18);
        writer.int64(value);
      } else {
        writer.byte(0x21);
        writer.double(value);
      }
      return;
    case 'object':
      if (value !== null) writeComposite(writer, value);
  }
}

function writeComposite(writer: ProtoWriter, value: object): void {
  if (value instanceof Uint8Array) {
    writer.byte(0x3a);
    writer.uint32(value.length);
    writer.raw(value);
    return;
  }
  const isArray = Array.isArray(value);
  writer.byte(isArray ? 0x2a : 0x32);
  const start = writer.begin();
  if (isArray) {
    for (const item of value as unknown[]) {
      writer.byte(0x0a);
      const itemStart = writer.begin();
      writeAnyValue(writer, item);
      writer.end(itemStart);
    }
  } else {
    writeAttributes(writer, 0x0a, value);
  }
  writer.end(start);
}

function encodeKey(key: string): Uint8Array {
  const writer = new ProtoWriter(64);
  writer.byte(0x0a);
  writer.string(key);
  const field = writer.toBuffer();
  if (keyFields.size < CACHED_KEYS && field.length <= LONGEST_CACHED_KEY) keyFields.set(key, field);
  return field;
}
