import type { Attribute } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import { fieldOfAttribute, MAX_FIELD_NAME_LENGTH } from './core-fields.ts';
import type { FieldSink } from './row-sink.ts';
import { isSampleRate } from './sample-rate.ts';
import { toJson } from './to-json.ts';
import { truncate } from './truncate.ts';

/** Maps nested deeper than this become JSON (husky's maxDepth). */
const MAX_DEPTH = 5;

/**
 * Writes attributes as fields, as husky's AddAttributesToMap does: maps flattened with dotted names to depth 5,
 * deeper ones, arrays and bytes as JSON, text cut at 64 KiB. Empty keys, absent values and sample rates are skipped.
 */
export function flattenAttributes(attributes: readonly Attribute[], sink: FieldSink): void {
  for (const attribute of attributes) {
    // Decoding gives equal attributes as one object, and spans of a kind have most of theirs in common.
    if (sink.again?.(attribute) === true) continue;
    if (attribute.key !== '' && !isSampleRate(attribute))
      flattenValue(attribute.key, attribute, sink, 0, attribute);
  }
}

function flattenValue(
  name: string,
  { kind, value }: Attribute,
  sink: FieldSink,
  depth: number,
  source?: Attribute,
): void {
  switch (kind) {
    case ValueKind.string:
      sink.set(fieldOfAttribute(name), 'string', truncate(value as string), source);
      return;
    case ValueKind.integer:
      sink.set(fieldOfAttribute(name), 'integer', value as number | bigint, source);
      return;
    case ValueKind.boolean:
      sink.set(fieldOfAttribute(name), 'boolean', value as boolean, source);
      return;
    case ValueKind.float:
      sink.set(fieldOfAttribute(name), 'float', value as number, source);
      return;
    case ValueKind.map:
      if (depth < MAX_DEPTH) {
        // Cut before it is joined: the names of many entries would each be as long as the map's.
        const prefix = name.slice(0, MAX_FIELD_NAME_LENGTH);
        for (const entry of value as readonly Attribute[]) {
          flattenValue(`${prefix}.${entry.key}`, entry, sink, depth + 1);
        }
        return;
      }
      break;
    case ValueKind.none:
      return;
  }
  sink.set(fieldOfAttribute(name), 'string', truncate(toJson(kind, value)));
}
