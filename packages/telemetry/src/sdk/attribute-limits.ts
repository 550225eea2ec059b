import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { diag } from '@opentelemetry/api';
import type { SpanLimits } from '../opentelemetry/sdk.ts';
import { sanitizeAttributes } from '../opentelemetry/sdk.ts';

/** Whether the specification allows this attribute; says what it does not allow. */
export function isAttribute(key: string, value: AttributeValue): boolean {
  if (key.length > 0 && isAttributeValue(value)) return true;
  diag.warn(
    key.length > 0 ? `Invalid attribute value set for key: ${key}` : 'Invalid attribute key: it is empty',
  );
  return false;
}

/** Text, number, boolean, or a list of one of them (with gaps). */
function isAttributeValue(value: unknown): value is AttributeValue {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return true;
    default:
      return Array.isArray(value) && isHomogeneous(value);
  }
}

/** A text, or each text of a list, cut to `limit` characters; everything else as it is. */
export function truncate(value: AttributeValue, limit: number): AttributeValue {
  if (typeof value === 'string') return value.length <= limit ? value : value.substring(0, limit);
  if (!Array.isArray(value)) return value;
  return value.map((item) => (typeof item === 'string' ? item.substring(0, limit) : item)) as AttributeValue;
}

/** A copy of the attributes of an event or a link within the limits, and how many did not fit. */
export function limitAttributes(
  given: Attributes | undefined,
  countLimit: number,
  { attributeValueLengthLimit }: Required<SpanLimits>,
): { attributes: Attributes; dropped: number } {
  const attributes: Attributes = {};
  let count = 0;
  let dropped = 0;
  for (const [key, value] of Object.entries(sanitizeAttributes(given))) {
    if (count >= countLimit) dropped++;
    else {
      attributes[key] = truncate(value as AttributeValue, attributeValueLengthLimit);
      count++;
    }
  }
  return { attributes, dropped };
}

function isHomogeneous(list: readonly unknown[]): boolean {
  let type: string | undefined;
  for (const item of list) {
    if (item == null) continue;
    type ??= typeof item;
    if (typeof item !== type || (type !== 'string' && type !== 'number' && type !== 'boolean')) return false;
  }
  return true;
}
