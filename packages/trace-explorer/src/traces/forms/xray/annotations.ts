import type { PlainValue } from '../plain-value.ts';

/** Limits of X-Ray: annotations of a trace, characters of a key and of a value. */
const MAX_ANNOTATIONS = 50;
const MAX_KEY = 500;
const MAX_VALUE = 1000;

/**
 * Splits attributes into annotations, which X-Ray indexes, and the rest for the metadata. A key keeps letters,
 * digits and underscores; when two keys become one, the first has it.
 */
export function annotate(attributes: Iterable<[string, PlainValue]>): {
  annotations: { [key: string]: PlainValue };
  rest: { [key: string]: PlainValue };
} {
  const annotations = new Map<string, PlainValue>();
  const rest: [string, PlainValue][] = [];
  for (const [key, value] of attributes) {
    const allowed = key.replace(/[^A-Za-z0-9_]/g, '_').slice(0, MAX_KEY);
    const fits = annotations.size < MAX_ANNOTATIONS && allowed !== '' && !annotations.has(allowed);
    if (fits && isIndexable(value)) annotations.set(allowed, value);
    else rest.push([key, value]);
  }
  return { annotations: Object.fromEntries(annotations), rest: Object.fromEntries(rest) };
}

function isIndexable(value: PlainValue): boolean {
  if (typeof value === 'string') return value.length <= MAX_VALUE;
  return typeof value === 'number' || typeof value === 'boolean';
}
