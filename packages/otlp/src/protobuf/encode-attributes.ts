import { AnyValueFields, ArrayValueFields, KeyValueFields, KeyValueListFields } from '../fields/common.ts';
import type { Attribute } from '../messages/attributes.ts';
import { ValueKind } from '../messages/attributes.ts';
import type { ProtobufWriter } from './writer.ts';

/** Writes attributes as the `repeated KeyValue` of the given tag. */
export function writeAttributes(writer: ProtobufWriter, tag: number, attributes: readonly Attribute[]): void {
  for (const attribute of attributes) {
    const start = writer.begin(tag);
    if (attribute.key !== '') writer.string(KeyValueFields.key, attribute.key);
    const valueStart = writer.begin(KeyValueFields.value); // empty for a value of no kind, as in JSON
    writeAnyValue(writer, attribute);
    writer.end(valueStart);
    writer.end(start);
  }
}

/** Writes AnyValue's content, also a default value: the written member says which member of the `oneof` is set. */
export function writeAnyValue(writer: ProtobufWriter, { kind, value }: Attribute): void {
  switch (kind) {
    case ValueKind.string:
      writer.string(AnyValueFields.stringValue, value as string);
      break;
    case ValueKind.boolean:
      writer.bool(AnyValueFields.boolValue, value as boolean);
      break;
    case ValueKind.integer:
      writer.int64(AnyValueFields.intValue, value as number | bigint);
      break;
    case ValueKind.float:
      writer.double(AnyValueFields.doubleValue, value as number);
      break;
    case ValueKind.bytes:
      writer.bytesField(AnyValueFields.bytesValue, value as Uint8Array);
      break;
    case ValueKind.array: {
      const start = writer.begin(AnyValueFields.arrayValue);
      for (const item of value as readonly Attribute[]) {
        const itemStart = writer.begin(ArrayValueFields.values);
        writeAnyValue(writer, item);
        writer.end(itemStart);
      }
      writer.end(start);
      break;
    }
    case ValueKind.map: {
      const start = writer.begin(AnyValueFields.kvlistValue);
      writeAttributes(writer, KeyValueListFields.values, value as readonly Attribute[]);
      writer.end(start);
    }
  }
}
