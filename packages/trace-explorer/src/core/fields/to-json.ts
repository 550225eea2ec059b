import type { Attribute } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import { MAX_FIELD_BYTES } from './truncate.ts';

/**
 * An attribute's value as JSON, as husky writes it: maps as objects with sorted keys, bytes as base64, 64-bit integers in full,
 * small and large floats with a two-digit exponent (`1e-07`). NaN and the infinities are text. Long texts and bytes are cut to
 * what a field can hold: a body may have 64 MiB of them. The decoders limit the depth, and so the recursion here.
 */
export function toJson(kind: Attribute['kind'], value: Attribute['value']): string {
  switch (kind) {
    case ValueKind.array:
      return `[${(value as readonly Attribute[]).map((item) => toJson(item.kind, item.value)).join(',')}]`;
    case ValueKind.map: {
      const entries = new Map((value as readonly Attribute[]).map((entry) => [entry.key, entry]));
      const members = [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1));
      return `{${members.map(([key, entry]) => `${JSON.stringify(key)}:${toJson(entry.kind, entry.value)}`).join(',')}}`;
    }
    case ValueKind.bytes: {
      const bytes = (value as Uint8Array).subarray(0, MAX_FIELD_BYTES);
      return JSON.stringify(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'));
    }
    case ValueKind.float:
      return Number.isFinite(value) ? String(value).replace(/(?<=e[+-])(?=\d$)/, '0') : `"${value}"`;
    case ValueKind.string:
      return JSON.stringify((value as string).slice(0, MAX_FIELD_BYTES));
    case ValueKind.none:
      return 'null';
    default:
      return String(value);
  }
}
