import type { Arbitrary } from 'fast-check';
import fc from 'fast-check';
import type { Schema } from './document.ts';

/** Values that exist, by the name of the parameter or property that takes them: handles, ids, names of fields. */
export type Known = Readonly<Record<string, readonly unknown[]>>;

/** Items of a list, unless it has to have more: most are short, as requests are. */
const FEW_ITEMS = 3;
const MANY_ITEMS = 100;
const LONG_TEXT = 300;

/** Texts that programs and people type, and texts that break parsers. */
const ODD_TEXTS = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\r\nx: y',
  '\u202e\u200b',
  '\ud83d\ude00',
  '\ud800',
  '../../etc/passwd',
  "'; DROP TABLE spans; --",
  '%_\\',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  'null',
  'NaN',
  '-0',
  '1e309',
  '-1',
  '9'.repeat(400),
  '[',
  '(((((((((',
  '$duration_ms',
];

/** Texts of any characters, also those that no form takes. */
export const anyText: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...ODD_TEXTS),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

/**
 * Values that fit a schema. Texts whose `format` is of the server's own making may break it.
 * @param name of the parameter or property, for values that exist
 * @throws Error for a schema with an unknown keyword
 */
export function valuesOf(schema: Schema, known: Known, name = ''): Arbitrary<unknown> {
  const fitting = anyOf(schema, known, name);
  const existing = Object.hasOwn(known, name) ? (known[name] ?? []) : [];
  if (existing.length === 0 || schema.enum !== undefined || takesNoText(schema)) return fitting;
  return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...existing) }, { weight: 1, arbitrary: fitting });
}

function takesNoText({ type, anyOf: choices = [] }: Schema): boolean {
  return type !== undefined && type !== 'string' && choices.length === 0;
}

function anyOf(schema: Schema, known: Known, name: string): Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined)
    return fc.oneof(...schema.anyOf.map((choice) => valuesOf(choice, known, name)));
  const types = [schema.type ?? []].flat();
  if (types.length === 0) return fc.jsonValue({ maxDepth: 3 });
  return fc.oneof(...types.map((type) => ofType(type, schema, known, name)));
}

function ofType(type: string, schema: Schema, known: Known, name: string): Arbitrary<unknown> {
  switch (type) {
    case 'string':
      return texts(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'integer':
      return numbers(schema, (min, max) => fc.maxSafeInteger().map((n) => within(n, min, max)));
    case 'number':
      return numbers(schema, (min, max) => fc.double({ min, max, noNaN: true }));
    case 'array':
      return lists(schema, known, name);
    case 'object':
      return objects(schema, known);
    default:
      throw new Error(`Nothing is known of the type ${type}.`);
  }
}

function texts({ pattern, format, minLength = 0, maxLength = LONG_TEXT }: Schema): Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  if (pattern !== undefined) {
    const matching = fc.stringMatching(new RegExp(pattern, 'u'));
    return matching.filter(({ length }) => length >= minLength && length <= maxLength);
  }
  const fits = ({ length }: string) => length >= minLength && length <= maxLength;
  return fc.oneof(
    fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 30)) }),
    anyText.filter((text) => fits(text) && text.isWellFormed()),
    fc.constant('x'.repeat(Math.min(maxLength, LONG_TEXT))),
  );
}

function numbers(
  { minimum, exclusiveMinimum, maximum }: Schema,
  between: (min: number, max: number) => Arbitrary<number>,
): Arbitrary<number> {
  const min = minimum ?? (exclusiveMinimum === undefined ? -1e9 : exclusiveMinimum + 1);
  const max = maximum ?? Math.max(1e9, min);
  return fc.oneof(
    fc.constantFrom(min, max, Math.min(max, min + 1), Math.min(max, min + 100)),
    between(min, max),
  );
}

/** A whole number of the range, as many of each. */
function within(n: number, min: number, max: number): number {
  return min + (Math.abs(n) % (max - min + 1));
}

function lists({ items = {}, minItems = 0, maxItems = MANY_ITEMS }: Schema, known: Known, name: string) {
  const item = valuesOf(items, known, name);
  const upTo = (most: number) =>
    fc.array(item, { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, most)) });
  return fc.oneof({ weight: 19, arbitrary: upTo(FEW_ITEMS) }, { weight: 1, arbitrary: upTo(MANY_ITEMS) });
}

function objects({ properties = {}, required = [] }: Schema, known: Known): Arbitrary<object> {
  const model = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, valuesOf(schema, known, name)]),
  );
  return someOf(model, required);
}

/** Objects with the required properties; half of them also with some optional ones. All optional ones together seldom fit. */
export function someOf(
  model: Readonly<Record<string, Arbitrary<unknown>>>,
  required: readonly string[],
): Arbitrary<Readonly<Record<string, unknown>>> {
  const needed = Object.entries(model).filter(([name]) => required.includes(name));
  return fc.oneof(
    fc.record(Object.fromEntries(needed)),
    fc.record(model, { requiredKeys: required.filter((name) => Object.hasOwn(model, name)) }),
  );
}
