import type { FieldType } from '../../../fields/field-type.ts';
import { numericSql, textSql } from '../column.ts';

/** An expression's SQL and what it gives; `null` is the literal null, which fits every type. */
export type Value = { readonly sql: string; readonly type: FieldType | 'null' };

/** A function of expressions: how many arguments it takes, and its SQL over them. */
export interface Fn {
  readonly min: number;
  readonly max: number;
  readonly sql: (args: readonly Value[]) => Value;
}

/** Honeycomb's functions by name, and `!=`, which is only written as an operator. */
export const FUNCTIONS: ReadonlyMap<string, Fn> = new Map<string, Fn>([
  ['SUM', arithmetic(1, Infinity, (args) => args.join(' + '))],
  ['SUB', arithmetic(2, 2, ([a, b]) => `${a} - ${b}`)],
  ['MUL', arithmetic(1, Infinity, (args) => args.join(' * '))],
  ['DIV', arithmetic(2, 2, ([a, b]) => `${a} / nullif(${b}, 0)`)],
  ['MOD', arithmetic(2, 2, ([a, b]) => `${a} % nullif(${b}, 0)`)],
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
  ['AND', { min: 1, max: Infinity, sql: (args) => bool(args.map(truthy).join(' AND ')) }],
  ['OR', { min: 1, max: Infinity, sql: (args) => bool(args.map(truthy).join(' OR ')) }],
  ['NOT', { min: 1, max: 1, sql: (args) => bool(args.map((arg) => `NOT ${truthy(arg)}`).join('')) }],
  ['EXISTS', { min: 1, max: 1, sql: ([a]) => bool(`${a?.sql} IS NOT NULL`) }],
  ['IF', { min: 2, max: Infinity, sql: conditional }],
  ['COALESCE', { min: 1, max: Infinity, sql: coalesce }],
  [
    'CONCAT',
    {
      min: 1,
      max: Infinity,
      sql: (args) => ({ sql: `concat(${args.map(text).join(', ')})`, type: 'string' }),
    },
  ],
  ['STARTS_WITH', textual('starts_with')],
  ['ENDS_WITH', textual('ends_with')],
  ['CONTAINS', textual('contains')],
]);

function bool(sql: string): Value {
  return { sql: `(${sql})`, type: 'boolean' };
}

function arithmetic(min: number, max: number, join: (args: readonly string[]) => string): Fn {
  return {
    min,
    max,
    sql: (args) => ({ sql: `(${join(args.map((arg) => `coalesce(${number(arg)}, 0)`))})`, type: 'float' }),
  };
}

function comparison(operator: string): Fn {
  const compare = ([a, b]: readonly Value[]): Value => {
    if (a === undefined || b === undefined || kind(a) !== kind(b) || kind(a) === 'boolean')
      return bool('false');
    return bool(`coalesce(${a.sql} ${operator} ${b.sql}, false)`);
  };
  return { min: 2, max: 2, sql: compare };
}

function equal(a: Value | undefined, b: Value | undefined): string {
  if (a === undefined || b === undefined) return 'false';
  if (kind(a) === kind(b)) return `(${a.sql} IS NOT DISTINCT FROM ${b.sql})`;
  return `(${a.sql} IS NULL AND ${b.sql} IS NULL)`;
}

function textual(fn: string): Fn {
  return {
    min: 2,
    max: 2,
    sql: ([a, b]) => {
      const strings = a?.type === 'string' && b?.type === 'string';
      return bool(strings ? `coalesce(${fn}(${a.sql}, ${b.sql}), false)` : 'false');
    },
  };
}

function conditional(args: readonly Value[]): Value {
  const hasDefault = args.length % 2 === 1;
  const results = args.filter((_, i) => i % 2 === 1 || (hasDefault && i === args.length - 1));
  const type = commonType(results);
  let sql = 'CASE';
  for (let i = 0; i + 1 < args.length; i += 2) {
    const [condition, result] = [args[i], args[i + 1]];
    if (condition && result) sql += ` WHEN ${truthy(condition)} THEN ${as(type, result)}`;
  }
  const last = args.at(-1);
  if (hasDefault && last) sql += ` ELSE ${as(type, last)}`;
  return { sql: `(${sql} END)`, type };
}

function coalesce(args: readonly Value[]): Value {
  const type = commonType(args);
  return { sql: `coalesce(${args.map((arg) => as(type, arg)).join(', ')})`, type };
}

function commonType(values: readonly Value[]): Value['type'] {
  const types = new Set(values.map((value) => value.type).filter((type) => type !== 'null'));
  const [first] = types;
  if (first === undefined) return 'null';
  if (types.size === 1) return first;
  return [...types].every((type) => type === 'integer' || type === 'float') ? 'float' : 'string';
}

function as(type: Value['type'], value: Value): string {
  if (value.type === 'null') return 'NULL';
  if (value.type === type) return value.sql;
  return type === 'float' ? `(${value.sql})::DOUBLE` : text(value);
}

function kind(value: Value): 'number' | 'string' | 'boolean' | 'null' {
  return value.type === 'integer' || value.type === 'float' ? 'number' : value.type;
}

function number(value: Value): string {
  return value.type === 'null' ? 'NULL::DOUBLE' : numericSql({ sql: value.sql, type: value.type });
}

function text(value: Value): string {
  return value.type === 'null' ? 'NULL::VARCHAR' : textSql({ sql: value.sql, type: value.type });
}

/** Never NULL. */
function truthy(value: Value): string {
  switch (value.type) {
    case 'boolean':
      return `coalesce(${value.sql}, false)`;
    case 'integer':
    case 'float':
      return `coalesce(${value.sql} <> 0, false)`;
    case 'string':
      return `coalesce(${value.sql} = 'true', false)`;
    case 'null':
      return 'false';
  }
}
