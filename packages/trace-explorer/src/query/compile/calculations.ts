import type { CalculationOp, Percentile } from '../parse/operators.ts';
import { PERCENTILES } from '../parse/operators.ts';
import { invalid } from '../parse/query-error.ts';
import type { Calculation } from '../parse/query-spec.ts';
import type { Column } from './column.ts';
import { numericSql } from './column.ts';

/** Operators that work on the numbers of a column; the rest count. */
const COUNTING: readonly CalculationOp[] = ['COUNT', 'COUNT_DISTINCT', 'CONCURRENCY'];

/** RATE operators and the aggregate whose change from bucket to bucket they show. */
const RATES: Readonly<Partial<Record<CalculationOp, CalculationOp>>> = {
  RATE_AVG: 'AVG',
  RATE_SUM: 'SUM',
  RATE_MAX: 'MAX',
};

export function isRate(op: CalculationOp): boolean {
  return RATES[op] !== undefined;
}

/**
 * What a calculation reads from each row. Numeric operators see numbers, and strings that read as numbers;
 * NaN and infinities count as missing, since JSON cannot say them.
 * @throws QueryError for a boolean column where numbers are needed
 */
export function operandSql(calculation: Calculation, column: Column, at: string): string {
  if (COUNTING.includes(calculation.op)) return column.sql;
  if (column.type === 'boolean') {
    const hint = `IF($${calculation.column}, 1, 0)`;
    throw invalid(
      at,
      `${calculation.op} needs numbers and ${calculation.column} is a boolean; calculate ${hint}`,
    );
  }
  if (column.type === 'integer' || (column.type === 'float' && column.finite)) return column.sql;
  return finite(numericSql(column));
}

/** Whether an operator is a percentile. */
export function isPercentile(op: CalculationOp): op is Percentile {
  return Object.hasOwn(PERCENTILES, op);
}

/**
 * The aggregate of an operator over an operand; percentiles are exact, interpolated between neighbours, and sums of
 * fractions are Kahan's, which do not depend on the order of the rows.
 * @param isInteger whether the operand is: its sum is exact
 * @param compact percentiles in seven digits: DuckDB collects all values for one, in memory that its limit does not
 *   count, and those take half of it then
 */
export function aggregateSql(
  op: CalculationOp,
  operand: string,
  filter: string | undefined,
  isInteger: boolean,
  compact = false,
): string {
  const where = filter === undefined ? '' : ` FILTER (WHERE ${filter})`;
  switch (RATES[op] ?? op) {
    case 'COUNT':
      return `count(${operand})${where}`;
    case 'COUNT_DISTINCT':
      return `count(DISTINCT ${operand})${where}`;
    case 'SUM':
      return isInteger ? `CAST(sum(${operand})${where} AS DOUBLE)` : `fsum(${operand})${where}`;
    case 'AVG':
      return isInteger ? `avg(${operand})${where}` : `favg(${operand})${where}`;
    case 'MAX':
      // The difference of two integers may be beyond 64 bits.
      return isRate(op) ? `CAST(max(${operand})${where} AS DOUBLE)` : `max(${operand})${where}`;
    case 'MIN':
      return `min(${operand})${where}`;
    default:
      return compact
        ? compactQuantile(operand, quantile(op), where)
        : exactQuantile(operand, quantile(op), where);
  }
}

function exactQuantile(operand: string, share: number, where: string): string {
  return `quantile_cont(CAST(${operand} AS DOUBLE), ${share})${where}`;
}

function compactQuantile(operand: string, share: number, where: string): string {
  return fromCompact(`quantile_cont(${toCompact(operand)}, ${share})${where}`);
}

/**
 * The same of rows that stand for several events each. Honeycomb weighs what counts or adds up; what is there at all
 * (MAX, MIN, COUNT_DISTINCT) it takes as it is. Percentiles are no plain aggregate: see weightedQuantile.
 * @param weight alias of how many events a row stands for
 */
export function weightedAggregateSql(
  op: CalculationOp,
  operand: string,
  filter: string | undefined,
  isInteger: boolean,
  weight: string,
): string {
  const conditions = [operand === '*' ? undefined : `${operand} IS NOT NULL`, filter];
  const where = conditions.filter((each) => each !== undefined).join(' AND ') || 'true';
  const sum = isInteger ? 'sum' : 'fsum';
  switch (RATES[op] ?? op) {
    case 'COUNT':
      return `coalesce(sum(${weight}) FILTER (WHERE ${where}), 0)`;
    case 'SUM':
      return `${sum}(${operand} * ${weight}) FILTER (WHERE ${where})`;
    case 'AVG':
      return `${sum}(${operand} * ${weight}) FILTER (WHERE ${where}) / sum(${weight}) FILTER (WHERE ${where})`;
    default:
      return aggregateSql(op, operand, filter, isInteger);
  }
}

/** Larger numbers than DuckDB's FLOAT can hold are taken for this one. */
const LARGEST_FLOAT = '3.4e38';

/** A number in half the memory. Rounding keeps the order, so a percentile of these is the exact one, rounded. */
export function toCompact(sql: string): string {
  return `CAST(least(greatest(${sql}, -${LARGEST_FLOAT}), ${LARGEST_FLOAT}) AS FLOAT)`;
}

/** Back to DOUBLE, by way of text: 12.3, not 12.300000190734863. */
function fromCompact(sql: string): string {
  return `CAST(CAST(${sql} AS VARCHAR) AS DOUBLE)`;
}

function quantile(op: CalculationOp): number {
  if (isPercentile(op)) return PERCENTILES[op];
  throw new TypeError(`${op} is not an aggregate`);
}

/** NULL for NaN and infinities. */
function finite(sql: string): string {
  return `CASE WHEN isfinite(${sql}) THEN ${sql} END`;
}
