import { AnyValueFields, ArrayValueFields, KeyValueFields, KeyValueListFields } from '../fields/common.ts';
import { MAX_VALUE_DEPTH } from '../limits.ts';
import type { Attribute } from '../messages/attributes.ts';
import { ValueKind } from '../messages/attributes.ts';
import { ByteCache } from './byte-cache.ts';
import type { ProtobufReader } from './reader.ts';

/** Spans repeat most of their attributes, key and value: 8,192 of them take some 2 MB. */
const attributes = new ByteCache<Attribute>(96);

/**
 * Reads a KeyValue whose tag was read.
 * @param depth the number of values around the attribute
 * @throws RangeError for malformed bytes and for values nested too deep; LimitError
 */
export function readAttribute(reader: ProtobufReader, depth: number): Attribute {
  reader.spend();
  const outer = reader.enter();
  const { view, position: start, end } = reader;
  const slot = attributes.slotOf(view, start, end);
  const known = slot === -1 ? undefined : attributes.get(slot, view, start, end);
  if (known !== undefined) {
    reader.leave(outer);
    return known;
  }
  let key = '';
  let kind: Attribute['kind'] = ValueKind.none;
  let value: Attribute['value'] = null;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === KeyValueFields.key) key = reader.text();
    else if (tag === KeyValueFields.value) {
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
  const attribute = { key, kind, value };
  // Only a value without nested values is kept, because nested values must be counted. A view on the body is not kept either.
  if (slot !== -1 && (value === null || typeof value !== 'object'))
    attributes.keep(slot, view, start, end, attribute);
  return attribute;
}

/** The member of AnyValue that `tag` announces; undefined for an unknown member. */
function readValue(reader: ProtobufReader, tag: number, depth: number): Attribute['value'] | undefined {
  switch (tag) {
    case AnyValueFields.stringValue:
      return reader.text();
    case AnyValueFields.boolValue:
      return reader.uint32() !== 0;
    case AnyValueFields.intValue:
      return reader.int64();
    case AnyValueFields.doubleValue:
      return reader.double();
    case AnyValueFields.arrayValue:
      return readList(reader, ArrayValueFields.values, depth + 1, readAnyValue);
    case AnyValueFields.kvlistValue:
      return readList(reader, KeyValueListFields.values, depth + 1, readAttribute);
    case AnyValueFields.bytesValue:
      return reader.slice();
    default:
      reader.skip(tag);
      return undefined;
  }
}

function readList(
  reader: ProtobufReader,
  itemTag: number,
  depth: number,
  read: (reader: ProtobufReader, depth: number) => Attribute,
): Attribute[] {
  if (depth > MAX_VALUE_DEPTH)
    throw new RangeError(`a value is nested deeper than ${MAX_VALUE_DEPTH} levels`);
  const outer = reader.enter();
  const items: Attribute[] = [];
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === itemTag) items.push(read(reader, depth));
    else reader.skip(tag);
  }
  reader.leave(outer);
  return items;
}

/** Reads an AnyValue whose tag was read, as an attribute without a key. @throws as readAttribute */
export function readAnyValue(reader: ProtobufReader, depth: number): Attribute {
  reader.spend();
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
