import type { Static, TSchema } from 'typebox';
import type { Problems } from './problems.ts';
import { isAbsent } from './problems.ts';

/** What a schema cannot say of its objects. */
export interface Rule<T = unknown> {
  /** Keys that Honeycomb knows and that are refused here, with what to do instead. */
  readonly refused?: Readonly<Record<string, string>>;
  /** Checks an object's parts against each other; what it returns takes the object's place. */
  check?(value: T, at: string, problems: Problems): T | undefined;
}

/** Rules by the schema that they belong to. */
export type Rules = ReadonlyMap<TSchema, Rule>;

/**
 * Reads a value as its schema has it: what is known is checked, with a message for people, and anything else
 * refused by name. Absent optional parts take their default, absent lists are empty. Honeycomb's clients write out
 * what they do not use (null, an empty text, 0 for a choice of numbers or for one that begins with 1): that counts as absent.
 * @param at path of the value, for messages; empty for the whole body
 * @returns undefined when nothing of use was found; `problems` then knows why
 */
export function readBySchema<S extends TSchema>(
  schema: S,
  value: unknown,
  at: string,
  problems: Problems,
  rules: Rules = new Map(),
): Static<S> | undefined {
  return read(schema, value, at, { problems, rules }) as Static<S> | undefined;
}

/** The keywords of JSON Schema that are read. */
interface Keywords extends TSchema {
  readonly type?: string;
  readonly enum?: readonly (string | number | boolean)[];
  readonly properties?: Readonly<Record<string, Keywords>>;
  readonly required?: readonly string[];
  readonly items?: Keywords;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
}

interface Reading {
  readonly problems: Problems;
  readonly rules: Rules;
}

function read(schema: Keywords, value: unknown, at: string, reading: Reading): unknown {
  const { problems } = reading;
  if (schema.enum !== undefined) return readChoice(schema.enum, value, at, problems);
  switch (schema.type) {
    case 'object':
      return readObject(schema, value, at, reading);
    case 'array': {
      const { items = {}, maxItems = Number.POSITIVE_INFINITY } = schema;
      return problems.list(value, at, maxItems, (each, place) => read(items, each, place, reading));
    }
    case 'string':
      return problems.string(value, at);
    case 'integer':
      return problems.integer(value, at, schema.minimum ?? -Infinity, schema.maximum ?? Infinity);
    case 'number':
      return problems.number(value, at);
    case 'boolean':
      return problems.boolean(value, at);
    default:
      // A union: the rule of the object that it is a part of looks at it.
      return value;
  }
}

function readObject(schema: Keywords, value: unknown, at: string, reading: Reading): unknown {
  const { problems, rules } = reading;
  const { properties = {}, required = [] } = schema;
  const rule = rules.get(schema);
  const given = problems.object(value, at, Object.keys(properties), rule?.refused);
  if (given === undefined) return undefined;
  const found: Record<string, unknown> = {};
  let complete = true;
  for (const [key, part] of Object.entries(properties)) {
    const place = at === '' ? key : `${at}.${key}`;
    const isRequired = required.includes(key);
    const isUsed = isRequired || !isUnused(given[key], part);
    const each = isUsed ? read(part, given[key], place, reading) : absent(part);
    if (each !== undefined) found[key] = each;
    else if (isRequired) {
      complete = false;
      // What may be of any type is not missed by whoever reads it.
      if (isAbsent(given[key])) problems.add(place, 'cannot be blank', 'missing');
    }
  }
  if (!complete) return undefined;
  return rule?.check === undefined ? found : rule.check(found, at, problems);
}

function absent(schema: Keywords): unknown {
  return schema.type === 'array' ? [] : schema.default;
}

function isUnused(value: unknown, schema: Keywords): boolean {
  return value === undefined || neutralValues(schema).includes(value);
}

/** Values of an optional part that count as if it was left out. */
export function neutralValues(schema: TSchema): readonly unknown[] {
  const { type, minimum, enum: [choice] = [] }: Keywords = schema;
  if (typeof choice === 'number' || minimum === 1) return [null, 0];
  return type === 'string' || typeof choice === 'string' ? [null, ''] : [null];
}

function readChoice(
  allowed: readonly (string | number | boolean)[],
  value: unknown,
  at: string,
  problems: Problems,
): unknown {
  if (typeof allowed[0] !== 'number') return problems.oneOf(value, at, allowed);
  const number = problems.integer(value, at, -Infinity, Infinity);
  if (number === undefined || allowed.includes(number)) return number;
  return problems.add(at, `must be one of ${allowed.join(', ')}`);
}
