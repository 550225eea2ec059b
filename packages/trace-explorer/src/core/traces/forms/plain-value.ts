import type { Attribute } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';

export type PlainValue =
  | string
  | number
  | boolean
  | null
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue };

/** Real attributes are less deep. Deeper values become an ellipsis, so that a hostile value does not overflow the stack. */
const MAX_DEPTH = 64;

/** An attribute's value as JSON: bytes as base64, integers beyond a double's precision as text. */
function jsonValue({ kind, value }: Attribute, depth = 0): PlainValue {
  if (value === null || kind === ValueKind.none) return null;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (depth === MAX_DEPTH) return '…';
  if (kind === ValueKind.map) return plainObject(value, depth + 1);
  return value.map((item) => jsonValue(item, depth + 1));
}

/** Attributes as an object. A key like `__proto__` becomes an ordinary property. */
export function plainObject(attributes: readonly Attribute[], depth = 0): { [key: string]: PlainValue } {
  return Object.fromEntries(attributes.map((attribute) => [attribute.key, jsonValue(attribute, depth)]));
}
