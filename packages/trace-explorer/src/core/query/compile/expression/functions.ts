import { NUMBER_FUNCTIONS } from './number-functions.ts';
import { TEXT_FUNCTIONS } from './text-functions.ts';
import { TIME_FUNCTIONS } from './time-functions.ts';
import type { Fn, Term } from './value.ts';
import { as, bool, commonSqlType, kind, truthy } from './value.ts';

/** Honeycomb's functions by name, and `!=`, which is only an operator. */
export const FUNCTIONS: ReadonlyMap<string, Fn> = new Map<string, Fn>([
  ['IF', { min: 2, max: Infinity, sql: conditional }],
  ['SWITCH', { min: 3, max: Infinity, sql: (args, { refuse }) => switched(args, refuse) }],
  ['COALESCE', { min: 1, max: Infinity, sql: coalesce }],
  ['LT', comparison('<')],
  ['LTE', comparison('<=')],
  ['GT', comparison('>')],
  ['GTE', comparison('>=')],
  ['EQUALS', { min: 2, max: 2, sql: ([a, b]) => bool(equal(a, b)) }],
  ['!=', { min: 2, max: 2, sql: ([a, b]) => bool(`NOT ${equal(a, b)}`) }],
  [
    'IN',
    { min: 2, max: Infinity, sql: ([a, ...list]) => bool(list.map((each) => equal(a, each)).join(' OR ')) },
  ],
  ['EXISTS', { min: 1, max: 1, sql: ([a]) => bool(`${a?.sql} IS NOT NULL`) }],
  ['NOT', { min: 1, max: 1, sql: (args) => bool(args.map((arg) => `NOT ${truthy(arg)}`).join('')) }],
  ['AND', { min: 1, max: Infinity, sql: (args) => bool(args.map(truthy).join(' AND ')) }],
  ['OR', { min: 1, max: Infinity, sql: (args) => bool(args.map(truthy).join(' OR ')) }],
  ...NUMBER_FUNCTIONS,
  ...TEXT_FUNCTIONS,
  ...TIME_FUNCTIONS,
]);

function comparison(operator: string): Fn {
  const compare = ([a, b]: readonly Term[]): Term => {
    if (a === undefined || b === undefined || kind(a) !== kind(b) || kind(a) === 'boolean')
      return bool('false');
    return bool(`coalesce(${ordered(a)} ${operator} ${ordered(b)}, false)`);
  };
  return { min: 2, max: 2, sql: compare };
}

/** A value for comparisons of order. NaN is NULL, because in DuckDB NaN is above all numbers. */
function ordered({ sql, type, literal }: Term): string {
  return type === 'float' && literal === undefined ? `nullif(${sql}, 'NaN'::DOUBLE)` : sql;
}

function equal(a: Term | undefined, b: Term | undefined): string {
  if (a === undefined || b === undefined) return 'false';
  if (kind(a) === kind(b)) return `(${a.sql} IS NOT DISTINCT FROM ${b.sql})`;
  return `(${a.sql} IS NULL AND ${b.sql} IS NULL)`;
}

function conditional(args: readonly Term[]): Term {
  const hasDefault = args.length % 2 === 1;
  const results = args.filter((_, i) => i % 2 === 1 || (hasDefault && i === args.length - 1));
  const type = commonSqlType(results);
  let sql = 'CASE';
  for (let i = 0; i + 1 < args.length; i += 2) {
    const [condition, result] = [args[i], args[i + 1]];
    if (condition && result) sql += ` WHEN ${truthy(condition)} THEN ${as(type, result)}`;
  }
  const last = args.at(-1);
  if (hasDefault && last) sql += ` ELSE ${as(type, last)}`;
  return { sql: `(${sql} END)`, type };
}

/** Compares a value with texts in order. Each text is followed by its result; the last result may stand alone. */
function switched([value, ...rest]: readonly Term[], refuse: (message: string) => never): Term {
  const cases: (readonly [Term, Term])[] = [];
  for (let i = 0; i + 1 < rest.length; i += 2) {
    const [when, then] = [rest[i], rest[i + 1]];
    if (typeof when?.literal !== 'string' || then === undefined)
      return refuse('SWITCH compares with texts in quotes: SWITCH($field, "one", 1, "two", 2, 0)');
    cases.push([when, then]);
  }
  const last = rest.length % 2 === 1 ? rest.at(-1) : undefined;
  const type = commonSqlType([...cases.map(([, then]) => then), ...(last ? [last] : [])]);
  // A value that is not text equals no text.
  const tested = value?.type === 'string' ? value.sql : 'NULL::VARCHAR';
  const branches = cases.map(([when, then]) => ` WHEN ${when.sql} THEN ${as(type, then)}`);
  return { sql: `(CASE ${tested}${branches.join('')} ELSE ${last ? as(type, last) : 'NULL'} END)`, type };
}

function coalesce(args: readonly Term[]): Term {
  const type = commonSqlType(args);
  return { sql: `coalesce(${args.map((arg) => as(type, arg)).join(', ')})`, type };
}
