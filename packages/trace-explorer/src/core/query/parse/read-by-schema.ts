import type { Static, TSchema } from 'typebox';
import { isAbsent, Problems, quote } from './problems.ts';

/** A check of an object that a schema cannot express. */
export interface SchemaRule<T = unknown> {
  /** Honeycomb's keys that the explorer refuses, each with advice. */
  readonly refused?: Readonly<Record<string, string>>;
  /** Checks an object's parts against each other. The result stands for the object. */
  check?(value: T, at: string, problems: Problems): T | undefined;
}

export type SchemaRules = ReadonlyMap<TSchema, SchemaRule>;

/**
 * Reads a value by its schema. Unknown keys are refused by name. Absent optional parts get their default; absent lists are
 * empty. Honeycomb's clients also send parts that they do not use: as null, as an empty text, or as 0 when the schema allows
 * only certain numbers or numbers from 1 on. Such a value of an optional part counts as absent.
 * @throws QueryError (validation-failed) that lists every problem
 */
export function readBySchema<S extends TSchema>(
  schema: S,
  value: unknown,
  rules: SchemaRules = new Map(),
): Static<S> {
  const problems = new Problems();
  const found = read(schema, value, '', { problems, rules });
  problems.check();
  return found as Static<S>;
}

/** The keywords of JSON Schema that this file reads. */
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
  readonly rules: SchemaRules;
}

const WANTED = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
} as const;

/** Undefined for a wrong value; `problems` then has the reason. */
function read(schema: Keywords, value: unknown, at: string, reading: Reading): unknown {
  const { type, items = {}, maxItems = Infinity } = schema;
  if (type === 'object') return readObject(schema, value, at, reading);
  if (type === 'array')
    return readItems(value, at, maxItems, reading.problems, (each, path) => read(items, each, path, reading));
  // A union is checked by the rule of its object.
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

/** Reads a list of at most `max` items. An absent or wrong list is empty. */
export function readItems<T>(
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
  const { refused = {}, check }: SchemaRule = rules.get(schema) ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return problems.add(at || 'body', 'must be a JSON object', 'incorrect_type');
  const given = value as Readonly<Record<string, unknown>>;
  for (const [key, part] of Object.entries(given)) {
    if (Object.hasOwn(properties, key) || asksForNothing(part)) continue;
    const advice = Object.hasOwn(refused, key) ? refused[key] : undefined;
    problems.add(partPath(at, key), advice ?? 'is not a field that is known here', 'unsupported');
  }
  const found: Record<string, unknown> = {};
  let isComplete = true;
  for (const [key, part] of Object.entries(properties)) {
    const path = partPath(at, key);
    const isRequired = required.includes(key);
    const isUsed = isRequired || !isUnused(given[key], part);
    const each = isUsed ? read(part, given[key], path, reading) : absent(part, path, reading);
    if (each !== undefined) found[key] = each;
    else if (isRequired) {
      isComplete = false;
      // Reading a part of unknown type notes no problem when the part is missing.
      if (isAbsent(given[key])) problems.add(path, 'cannot be blank', 'missing');
    }
  }
  if (!isComplete) return undefined;
  return check === undefined ? found : check(found, at, problems);
}

/** Path of a part: `query.filters` */
export function partPath(at: string, key: string): string {
  return at === '' ? key : `${at}.${key}`;
}

function absent(schema: Keywords, at: string, reading: Reading): unknown {
  if (schema.type === 'array') return [];
  return schema.type === 'object' ? read(schema, {}, at, reading) : schema.default;
}

/** Whether the value of an optional part counts as absent. */
function isUnused(value: unknown, { type, minimum, enum: [choice] = [] }: Keywords): boolean {
  if (isAbsent(value)) return true;
  if (typeof choice === 'number' || minimum === 1) return value === 0;
  return (type === 'string' || typeof choice === 'string') && value === '';
}

/** Whether clients send this value of an unknown key for a part that they do not use. */
function asksForNothing(value: unknown): boolean {
  if (isAbsent(value) || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
