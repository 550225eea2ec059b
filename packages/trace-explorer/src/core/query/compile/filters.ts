import { getOrMake } from '../../../lib/get-or-make.ts';
import { decimalOf } from '../../fields/decimal.ts';
import { cutText, truncate } from '../../fields/truncate.ts';
import { ALL_DATASETS } from '../parse/all-datasets.ts';
import { COMPLEMENTS } from '../parse/operators.ts';
import { invalid } from '../parse/query-error.ts';
import type { Filter, FilterCombination, FilterValue, QuerySpec } from '../parse/query-spec.ts';
import type { Relation } from '../parse/relation.ts';
import type { Binder } from './binder.ts';
import type { Column } from './column.ts';
import { numericSql, textSql } from './column.ts';
import type { Columns } from './columns.ts';

type ValueBinder = Pick<Binder, 'bind'>;

const TEXT_FUNCTIONS: Readonly<Partial<Record<Filter['op'], string>>> = {
  'starts-with': 'starts_with',
  'ends-with': 'ends_with',
  contains: 'contains',
};

/** One SQL condition for a list of filters; undefined when there is nothing to filter. */
export function filtersSql(
  filters: readonly Filter[],
  combination: FilterCombination,
  columns: Columns,
  binder: Binder,
  at: string,
): string | undefined {
  if (filters.length === 0) return undefined;
  const conditions = filters.map((filter, i) => {
    return filterSql(filter, columns.resolve(filter.column, `${at}[${i}].column`), binder);
  });
  return `(${conditions.join(` ${combination} `)})`;
}

/**
 * The condition that a row is in a dataset, matches a query's filters, and is not what an engine counted.
 * @param at where the filters are, for errors
 * @throws QueryError for columns that do not exist, and for relations in a list of which one condition is enough
 */
export function rowFiltersSql(
  dataset: string,
  { filters, filter_combination }: Pick<QuerySpec, 'filters' | 'filter_combination'>,
  columns: Columns,
  binder: Binder,
  at: string,
): string {
  const within = dataset === ALL_DATASETS ? undefined : `_dataset = ${binder.bind(dataset, 'VARCHAR')}`;
  const own = queryFiltersSql(filters, filter_combination, columns, binder, at);
  const conditions = [within, columns.notCounted(), own];
  return conditions.filter((each) => each !== undefined).join(' AND ') || 'true';
}

/**
 * One SQL condition for the filters of a query, which may be about other spans of the trace. All filters of one relation must
 * match one and the same span.
 */
function queryFiltersSql(
  filters: readonly Filter[],
  combination: FilterCombination,
  columns: Columns,
  binder: Binder,
  at: string,
): string | undefined {
  const own: Filter[] = [];
  const related = new Map<Relation, string[]>();
  for (const [i, filter] of filters.entries()) {
    const relational = columns.relationOf(filter.column);
    if (relational === undefined) {
      own.push(filter);
      continue;
    }
    const column = columns.resolve(relational.field, `${at}[${i}].column`);
    getOrMake(related, relational.relation, () => []).push(filterSql(filter, column, binder));
  }
  if (related.size === 0) return filtersSql(filters, combination, columns, binder, at);
  if (combination === 'OR' && filters.length > 1) {
    throw invalid('filter_combination', 'relational fields need AND, as in Honeycomb', 'unsupported');
  }
  const conditions = [...related].map(([relation, each]) =>
    columns.related.exists(relation, each.join(' AND ')),
  );
  const ofRow = filtersSql(own, 'AND', columns, binder, at);
  return `(${[...(ofRow === undefined ? [] : [ofRow]), ...conditions].join(' AND ')})`;
}

/**
 * The SQL condition of one filter. Rules:
 * - a positive operator never matches a missing value; a negative operator matches every row that its positive operator does
 * not match, rows without a value included
 * - a number compares with numbers and with strings in the form of a number; a string compares with strings and, in the form of
 * a number, with numbers; a boolean compares with booleans and their text; no other pair matches
 * - NaN is neither above nor below a number; the texts `NaN`, `Infinity` and `-Infinity` equal these values
 * - strings compare by their UTF-8 bytes, case-sensitive; text operators see numbers and booleans as text
 */
export function filterSql(filter: Filter, column: Column, binder: ValueBinder): string {
  const positive = COMPLEMENTS[filter.op];
  if (positive !== undefined) return `(${positiveSql(positive, filter.value, column, binder)}) IS NOT TRUE`;
  return positiveSql(filter.op, filter.value, column, binder);
}

function positiveSql(op: Filter['op'], value: Filter['value'], column: Column, binder: ValueBinder): string {
  if (op === 'exists') return `${column.sql} IS NOT NULL`;
  if (op === 'in') {
    const list = Array.isArray(value) ? value : [];
    return `(${list.map((each) => comparisonSql('=', each, column, binder)).join(' OR ')})`;
  }
  const fn = TEXT_FUNCTIONS[op];
  if (fn !== undefined) return `${fn}(${textSql(column)}, ${binder.bind(String(value), 'VARCHAR')})`;
  return comparisonSql(op, value as FilterValue, column, binder);
}

function comparisonSql(op: Filter['op'], value: FilterValue, column: Column, binder: ValueBinder): string {
  if (typeof value === 'boolean') {
    if (column.type === 'boolean') return `${column.sql} ${op} ${binder.bind(value, 'BOOLEAN')}`;
    return column.type === 'string'
      ? `${column.sql} ${op} ${binder.bind(String(value), 'VARCHAR')}`
      : 'false';
  }
  if (column.type === 'boolean') {
    const known = value === 'true' || value === 'false';
    return known ? `${column.sql} ${op} ${binder.bind(value === 'true', 'BOOLEAN')}` : 'false';
  }
  if (column.type === 'string') {
    if (typeof value === 'string') return textComparisonSql(op, value, column, binder);
    return `${numericSql(column)} ${op} ${binder.bind(value, 'DOUBLE')}`;
  }
  if (op === '=' && column.type === 'float' && NOT_FINITE.has(String(value))) {
    return `${column.sql} = ${binder.bind(Number(value), 'DOUBLE')}`;
  }
  const bound = bindNumber(value, column, binder);
  if (bound === undefined) return 'false';
  const compared = `${column.sql} ${op} ${bound}`;
  // In DuckDB NaN is above all numbers; here NaN is above no number.
  return op.startsWith('>') && column.type === 'float' && !column.finite
    ? `(${compared} AND NOT isnan(${column.sql}))`
    : compared;
}

/** Names of the values that JSON has no number for. */
const NOT_FINITE: ReadonlySet<string> = new Set(['NaN', 'Infinity', '-Infinity']);

/** The store has a long text cut, with a hash of the whole text at its end. So `=` looks for the cut text too. */
function textComparisonSql(op: Filter['op'], value: string, column: Column, binder: ValueBinder): string {
  const whole = `${column.sql} ${op} ${binder.bind(value, 'VARCHAR')}`;
  const stored = cutText(truncate(value));
  return op === '=' && stored !== value
    ? `(${whole} OR ${column.sql} = ${binder.bind(stored, 'VARCHAR')})`
    : whole;
}

/** Binds an integer as an integer, so that ids above 2^53, written as strings, compare exactly. */
function bindNumber(value: string | number, column: Column, binder: ValueBinder): string | undefined {
  const text = String(value);
  if (column.type === 'integer' && /^[+-]?\d{1,19}$/u.test(text)) {
    const integer = BigInt(text.replace(/^\+/u, ''));
    if (BigInt.asIntN(64, integer) === integer) return binder.bind(integer, 'BIGINT');
  }
  const number = decimalOf(text);
  return Number.isFinite(number) ? binder.bind(number, 'DOUBLE') : undefined;
}
