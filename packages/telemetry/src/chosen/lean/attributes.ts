import type { Attributes, AttributeValue, Exception } from '@opentelemetry/api';
import { diag } from '@opentelemetry/api';

/** Most levels of lists and maps in an attribute's value. A deeper or cyclic value is left out. */
const MAX_DEPTH = 16;

const ILLEGAL = Symbol('no value of an attribute');

/**
 * Copies the value of an attribute: text, number, boolean, bytes, or lists and maps of values (OpenTelemetry
 * specification, AnyValue; OTEP 4485). Cuts texts and bytes to `limit`.
 *
 * @returns undefined for an illegal value, with a diagnostic; undefined for null, without a diagnostic
 */
export function attributeValueOf(key: string, value: unknown, limit: number): AttributeValue | undefined {
  if (value === undefined || value === null) return undefined;
  const copied = key === '' ? ILLEGAL : copy(value, limit, 0);
  if (copied !== ILLEGAL) return copied as AttributeValue;
  diag.warn(
    key === '' ? 'Invalid attribute key: it is empty' : `Invalid attribute value set for key: ${key}`,
  );
  return undefined;
}

/**
 * The number of attributes, when V8 can copy the attributes as a whole: texts within `limit`, numbers and booleans.
 * Undefined otherwise.
 */
export function countPlain(attributes: Attributes, limit: number): number | undefined {
  let count = 0;
  for (const key in attributes) {
    const value = attributes[key];
    const isText = typeof value === 'string' && value.length <= limit;
    if (key === '' || !(isText || typeof value === 'number' || typeof value === 'boolean')) return undefined;
    count++;
  }
  return count;
}

/** Copies the attributes of an event or a link within the limits, and counts the dropped attributes. */
export function limitAttributes(
  given: Attributes | undefined,
  countLimit: number,
  valueLengthLimit: number,
): { attributes: Attributes; dropped: number } {
  const legal = Object.entries(given ?? {}).flatMap(([key, value]): [string, unknown][] => {
    const isEmpty = key !== '' && (value === null || value === undefined); // kept, as in the official SDK
    const copied = isEmpty ? value : attributeValueOf(key, value, valueLengthLimit);
    return copied === undefined && !isEmpty ? [] : [[key, copied]];
  });
  const attributes = Object.fromEntries(legal.slice(0, countLimit)) as Attributes;
  return { attributes, dropped: Math.max(0, legal.length - countLimit) };
}

/**
 * The attributes of an exception event, by the semantic conventions for exceptions. Empty for a value without a type and a
 * message. An error's code counts more than the class.
 */
export function exceptionAttributes(exception: Exception): Attributes {
  if (typeof exception === 'string') return exception === '' ? {} : { 'exception.message': exception };
  const attributes: Attributes = {};
  if (!exception) return attributes;
  const type = exception.code ? exception.code.toString() : exception.name;
  if (type) attributes['exception.type'] = type;
  if (exception.message) attributes['exception.message'] = exception.message;
  if (!type && !exception.message) return {};
  if (exception.stack) attributes['exception.stacktrace'] = exception.stack;
  return attributes;
}

function copy(value: unknown, limit: number, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return value.length <= limit ? value : value.substring(0, limit);
    case 'number':
    case 'boolean':
    case 'undefined':
      return value;
    case 'object':
      return value === null ? null : copyComposite(value, limit, depth + 1);
    default:
      return ILLEGAL;
  }
}

function copyComposite(value: object, limit: number, depth: number): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value.subarray(0, limit));
  if (depth > MAX_DEPTH) return ILLEGAL;
  if (Array.isArray(value)) {
    const list = value.map((item) => copy(item, limit, depth));
    return list.includes(ILLEGAL) ? ILLEGAL : list;
  }
  // Dates, regular expressions and other instances of a class are not maps.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return ILLEGAL;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => [key, copy(member, limit, depth)] as const);
  return members.some(([, member]) => member === ILLEGAL) ? ILLEGAL : Object.fromEntries(members);
}
