import type { CalculationOp, Percentile } from '../parse/operators.ts';
import { PERCENTILES } from '../parse/operators.ts';
import { invalid } from '../parse/query-error.ts';
import type { Calculation } from '../parse/query-spec.ts';
import type { Column } from './column.ts';
import { numericSql } from './column.ts';

/** Operators that count. All others work on the numbers of a column. */
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
 * The value of each row that a calculation reads. Numeric operators read numbers and strings in the form of a number. NaN and
 * the infinities count as missing, because JSON has no number for them.
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
 * The aggregate of an operator over an operand. Percentiles are exact, and interpolated between neighbours. Sums of fractions
 * are Kahan's, which do not depend on the order of the rows.
 * @param isInteger whether the operand is an integer: its sum is exact
 * @param compact whether percentiles have seven digits: DuckDB collects all values of a percentile in memory that its limit
 * does not count, and seven digits take half of that memory
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
        ? fromCompact(`quantile_cont(${toCompact(operand)}, ${quantile(op)})${where}`)
        : `quantile_cont(CAST(${operand} AS DOUBLE), ${quantile(op)})${where}`;
  }
}

/**
 * The aggregate of an operator over rows that stand for several events each. As in Honeycomb, counts, sums and averages are
 * weighted; MAX, MIN and COUNT_DISTINCT are not. Percentiles have an aggregate of their own, see weightedQuantile.
 * @param weight alias of the number of events that a row stands for
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

/** A number beyond the range of DuckDB's FLOAT becomes this one. */
const LARGEST_FLOAT = '3.4e38';

/**
 * A number in half the memory. Rounding keeps the order, so a percentile of rounded numbers is the exact one, rounded.
 */
function toCompact(sql: string): string {
  return `CAST(least(greatest(${sql}, -${LARGEST_FLOAT}), ${LARGEST_FLOAT}) AS FLOAT)`;
}

/** Converts to DOUBLE through text: 12.3, not 12.300000190734863. */
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
