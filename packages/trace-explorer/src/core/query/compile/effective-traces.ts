import type { QueryScope } from './query-scope.ts';

/** Calculations that sampled rows estimate. For the others, no weight says what the traces have that were left out. */
const ESTIMATES = /^(?:COUNT|CONCURRENCY|SUM|AVG|RATE_AVG|RATE_SUM|P\d+)$/;
/** Too far at the end for pulled traces: the engine alone says it. */
const OF_ENGINE = /^P99/;

/** Whether sampled rows estimate the value that all rows have. */
export function isEstimate(op: string): boolean {
  return ESTIMATES.test(op);
}

/**
 * An aggregate over rows of one trace each: as many unsampled traces would say as much. It is the square of the sum by the sum
 * of the squares.
 * @param adds SQL of what a trace adds to the estimate
 */
export function effectiveNumber(adds: string): string {
  return `sum(${adds}) ** 2 / nullif(sum(${adds} * ${adds}), 0)`;
}

/**
 * As how many unsampled traces those of a group say, for each calculation. NULL where no row of the group stands for several, or
 * nothing is estimated.
 * @param bucket SQL of what groups the rows beside the breakdowns, the column `slot` of the rows
 */
export function effectiveTraces(scope: QueryScope, source: string, bucket: string) {
  const { calculations } = scope.spec;
  const adds = calculations.map(({ op }, i) => {
    const value = scope.weighed(op === 'SUM' ? scope.operand(i) : '1');
    return `CAST(sum(${value}) FILTER (WHERE ${scope.present(i)}) AS DOUBLE) AS e${i}`;
  });
  const most = `max(${scope.weighed('1')}) AS most, bool_or(${scope.pulled}) AS pulled`;
  const rows = [...scope.breakdowns(), `${bucket} AS slot`, most, ...adds].join(', ');
  return {
    rows: `(SELECT ${rows} FROM ${source}${scope.groupBy('slot', scope.trace)})`,
    values: calculations.map(({ op }, i) => {
      if (!isEstimate(op)) return 'NULL';
      const pulled = OF_ENGINE.test(op) ? ' AND NOT bool_or(pulled)' : '';
      return `CASE WHEN max(most) > 1 THEN coalesce(CASE WHEN true${pulled} THEN ${effectiveNumber(`e${i}`)} END, 0) END`;
    }),
  };
}
