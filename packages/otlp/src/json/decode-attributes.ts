import { MAX_VALUE_DEPTH } from '../limits.ts';
import type { Attribute } from '../messages/attributes.ts';
import { ValueKind } from '../messages/attributes.ts';
import type { JsonFields } from './json-fields.ts';

/**
 * Reads a list of KeyValue.
 * @param depth the number of values around the list
 * @throws TypeError; RangeError for values nested too deep
 */
export function readAttributes(fields: JsonFields, name: string, depth = 0): Attribute[] {
  return fields.messages(name).map((attribute) => {
    const key = attribute.text('key');
    return readAnyValue(attribute.message('value'), key, depth);
  });
}

/** Reads an AnyValue. @throws as readAttributes */
export function readAnyValue(fields: JsonFields, key = '', depth = 0): Attribute {
  if (fields.has('stringValue')) return { key, kind: ValueKind.string, value: fields.text('stringValue') };
  if (fields.has('boolValue')) return { key, kind: ValueKind.boolean, value: fields.bool('boolValue') };
  if (fields.has('intValue')) return { key, kind: ValueKind.integer, value: fields.int64('intValue') };
  if (fields.has('doubleValue')) return { key, kind: ValueKind.float, value: fields.double('doubleValue') };
  if (fields.has('arrayValue')) {
    checkDepth(depth + 1);
    const items = fields.message('arrayValue').messages('values');
    return { key, kind: ValueKind.array, value: items.map((item) => readAnyValue(item, '', depth + 1)) };
  }
  if (fields.has('kvlistValue')) {
    checkDepth(depth + 1);
    const value = readAttributes(fields.message('kvlistValue'), 'values', depth + 1);
    return { key, kind: ValueKind.map, value };
  }
  if (fields.has('bytesValue')) return { key, kind: ValueKind.bytes, value: fields.bytes('bytesValue') };
  return { key, kind: ValueKind.none, value: null };
}

/**
 * Checks the depth of empty lists too. An accepted value is stored as protobuf, and the protobuf reader must accept the depth.
 */
function checkDepth(depth: number): void {
  if (depth > MAX_VALUE_DEPTH)
    throw new RangeError(`a value is nested deeper than ${MAX_VALUE_DEPTH} levels`);
}
