import type { Static, TSchema } from 'typebox';
import { isAbsent, Problems, quote } from './problems.ts';

/** A check of an object that a schema cannot express. */
export interface Rule<T = unknown> {
  /** Keys that Honeycomb knows and that are refused here, with what to do instead. */
  readonly refused?: Readonly<Record<string, string>>;
  /** Checks an object's parts against each other. The result takes the object's place. */
  check?(value: T, at: string, problems: Problems): T | undefined;
}

/** Rules by the schema that they belong to. */
export type Rules = ReadonlyMap<TSchema, Rule>;

/**
 * Reads a value by its schema. Unknown keys are refused by name. Absent optional parts take their default, absent lists
 * are empty. Honeycomb's clients write out what they do not use (null, an empty text, 0 for a choice of numbers or for a
 * number from 1 on): such a value of an optional part counts as absent.
 * @throws QueryError (validation-failed) that lists every problem
 */
export function readBySchema<S extends TSchema>(
  schema: S,
  value: unknown,
  rules: Rules = new Map(),
): Static<S> {
  const problems = new Problems();
  const found = read(schema, value, '', { problems, rules });
  problems.check();
  return found as Static<S>;
}

/** The keywords of JSON Schema that are read. */
interface Keywords extends TSchema {
  readonly type?: keyof typeof WANTED | 'object' | 'array';
  readonly enum?: readonly unknown[];
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

const WANTED = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
} as const;

/** Undefined for a value that is wrong: `problems` then knows why. */
function read(schema: Keywords, value: unknown, at: string, reading: Reading): unknown {
  const { type, items = {}, maxItems = Infinity } = schema;
  if (type === 'object') return readObject(schema, value, at, reading);
  if (type === 'array')
    return readList(value, at, maxItems, reading.problems, (each, place) =>
      read(items, each, place, reading),
    );
  // The rule of the object looks at a union.
  return type === undefined && schema.enum === undefined
    ? value
    : readSingle(schema, value, at, reading.problems);
}

function readSingle(
  { type = 'string', enum: choices, minimum = -Infinity, maximum = Infinity }: Keywords,
  value: unknown,
  at: string,
  problems: Problems,
): unknown {
  const choice = choices === undefined ? '' : `; one of ${choices.join(', ')}`;
  if (isAbsent(value) || value === '') return problems.add(at, `cannot be blank${choice}`, 'missing');
  if (choices !== undefined) {
    if (choices.includes(value)) return value;
    return problems.add(at, `${quote(value)} is not supported${choice}`, 'unsupported');
  }
  const isOfType =
    type === 'integer'
      ? Number.isInteger(value)
      : type === 'number'
        ? Number.isFinite(value)
        : typeof value === type;
  if (!isOfType) return problems.add(at, `must be ${WANTED[type as keyof typeof WANTED]}`, 'incorrect_type');
  const isOutside = Number(value) < minimum || Number(value) > maximum;
  return isOutside ? problems.add(at, `must be from ${minimum} to ${maximum}`) : value;
}

/** Reads a list of at most `max` items. A list that is absent, or wrong, is empty. */
export function readList<T>(
  value: unknown,
  at: string,
  max: number,
  problems: Problems,
  item: (value: unknown, at: string) => T | undefined,
): T[] {
  if (isAbsent(value)) return [];
  if (!Array.isArray(value)) return problems.add(at, 'must be a list', 'incorrect_type') ?? [];
  if (value.length > max)
    return problems.add(at, `has ${value.length} items; at most ${max} are possible`) ?? [];
  return value.map((each, i) => item(each, `${at}[${i}]`)).filter((each) => each !== undefined);
}

function readObject(schema: Keywords, value: unknown, at: string, reading: Reading): unknown {
  const { problems, rules } = reading;
  const { properties = {}, required = [] } = schema;
  const { refused = {}, check }: Rule = rules.get(schema) ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return problems.add(at || 'body', 'must be a JSON object', 'incorrect_type');
  const given = value as Readonly<Record<string, unknown>>;
  for (const [key, part] of Object.entries(given)) {
    if (Object.hasOwn(properties, key) || asksForNothing(part)) continue;
    const advice = Object.hasOwn(refused, key) ? refused[key] : undefined;
    problems.add(placeOf(at, key), advice ?? 'is not a field that is known here', 'unsupported');
  }
  const found: Record<string, unknown> = {};
  let isComplete = true;
  for (const [key, part] of Object.entries(properties)) {
    const place = placeOf(at, key);
    const isRequired = required.includes(key);
    const isUsed = isRequired || !isUnused(given[key], part);
    const each = isUsed ? read(part, given[key], place, reading) : absent(part, place, reading);
    if (each !== undefined) found[key] = each;
    else if (isRequired) {
      isComplete = false;
      // A part of any type may be absent for the reader.
      if (isAbsent(given[key])) problems.add(place, 'cannot be blank', 'missing');
    }
  }
  if (!isComplete) return undefined;
  return check === undefined ? found : check(found, at, problems);
}

/** Path of a part: `query.filters` */
export function placeOf(at: string, key: string): string {
  return at === '' ? key : `${at}.${key}`;
}

function absent(schema: Keywords, at: string, reading: Reading): unknown {
  if (schema.type === 'array') return [];
  return schema.type === 'object' ? read(schema, {}, at, reading) : schema.default;
}

/** Whether an optional part has a value that counts as absent. */
function isUnused(value: unknown, { type, minimum, enum: [choice] = [] }: Keywords): boolean {
  if (isAbsent(value)) return true;
  if (typeof choice === 'number' || minimum === 1) return value === 0;
  return (type === 'string' || typeof choice === 'string') && value === '';
}

/** Values of unknown keys that clients write out for what they do not use. */
function asksForNothing(value: unknown): boolean {
  if (isAbsent(value) || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
