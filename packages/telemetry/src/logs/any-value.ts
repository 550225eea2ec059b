/** A value that is there and has nothing in it (null): what OTLP has no type for is encoded as the empty AnyValue. */
const EMPTY = Symbol('empty');

/** Deeper than anybody reads, and far from the end of the stack. */
const MAX_DEPTH = 64;

/**
 * A copy of an AnyValue as `@opentelemetry/api-logs` takes it, which its caller may change from now on. Undefined for
 * what is none, as in OpenTelemetry's SDK: objects of a class, functions, bigints, and what contains itself or one of these.
 */
export function copyAnyValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value === undefined || value === null) return EMPTY;
  if (typeof value !== 'object' || depth === MAX_DEPTH) return undefined;
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => copyAnyValue(item, depth + 1));
    return items.includes(undefined) ? undefined : items;
  }
  const prototype: unknown = Object.getPrototypeOf(value); // and not `constructor`, which may be a name in it
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  const parts = Object.entries(value).map(([key, part]) => [key, copyAnyValue(part, depth + 1)] as const);
  return parts.some(([, copy]) => copy === undefined) ? undefined : Object.fromEntries(parts);
}

/** Copies of those attributes that have a value that they may have. */
export function copyAttributes(attributes: object = {}): Record<string, unknown> {
  const copies = Object.entries(attributes).map(([key, value]) => [key, copyAnyValue(value)] as const);
  return Object.fromEntries(copies.filter(([, copy]) => copy !== undefined));
}

/** The same value with null where it has {@link EMPTY}. */
export function withNull(value: unknown): unknown {
  if (value === EMPTY) return null;
  if (Array.isArray(value)) return value.map(withNull);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withNull(part)]));
}
