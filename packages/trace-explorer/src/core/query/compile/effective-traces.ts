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
 * As how many unsampled traces those of a group say, for each calculation: the square of a sum by the sum of the squares, of what
 * each trace adds to it. NULL where no row of the group stands for several, or nothing is estimated.
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
      const effective = `sum(e${i}) ** 2 / nullif(sum(e${i} * e${i}), 0)`;
      return `CASE WHEN max(most) > 1 THEN coalesce(CASE WHEN true${pulled} THEN ${effective} END, 0) END`;
    }),
  };
}
