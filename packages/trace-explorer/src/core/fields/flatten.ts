import type { Attribute } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import { fieldOfAttribute, MAX_FIELD_NAME_LENGTH } from './core-fields.ts';
import type { FieldType, FieldValue, SignalType } from './field-type.ts';
import type { FieldSink } from './row-sink.ts';
import { isSampleRate } from './sample-rate.ts';
import { toJson } from './to-json.ts';
import { truncate } from './truncate.ts';

/** Maps nested deeper than this become JSON (husky's maxDepth). */
const MAX_DEPTH = 5;

/**
 * Writes attributes as fields, as husky's AddAttributesToMap does. Maps are flattened with dotted names to depth 5. Deeper
 * maps, arrays and bytes become JSON. Text ends at 64 KiB. Empty keys, absent values and sample rates make no field.
 */
export function flattenAttributes(
  attributes: readonly Attribute[],
  sink: FieldSink,
  signal: SignalType,
): void {
  for (const attribute of attributes) {
    const { key } = attribute;
    if (key !== '' && !isSampleRate(attribute)) flattenValue(key, attribute, sink, signal);
  }
}

/** Writes a value as the field of a name, or a map as several fields, see flattenAttributes. */
export function flattenValue(
  name: string,
  { kind, value }: Attribute,
  sink: FieldSink,
  signal: SignalType,
  depth = 0,
): void {
  switch (kind) {
    case ValueKind.string:
      setField(sink, name, signal, 'string', truncate(value as string));
      return;
    case ValueKind.integer:
      setField(sink, name, signal, 'integer', value as number | bigint);
      return;
    case ValueKind.boolean:
      setField(sink, name, signal, 'boolean', value as boolean);
      return;
    case ValueKind.float:
      setField(sink, name, signal, 'float', value as number);
      return;
    case ValueKind.map:
      if (depth < MAX_DEPTH) {
        // Cut the name before joining: else the names of many entries would each be as long as the name of the map.
        const prefix = name.slice(0, MAX_FIELD_NAME_LENGTH);
        for (const entry of value as readonly Attribute[]) {
          flattenValue(`${prefix}.${entry.key}`, entry, sink, signal, depth + 1);
        }
        return;
      }
      break;
    case ValueKind.none:
      return;
  }
  setField(sink, name, signal, 'string', truncate(toJson(kind, value)));
}

function setField(
  sink: FieldSink,
  name: string,
  signal: SignalType,
  type: FieldType,
  value: FieldValue,
): void {
  sink.set(fieldOfAttribute(name, type, value, signal), type, value);
}
