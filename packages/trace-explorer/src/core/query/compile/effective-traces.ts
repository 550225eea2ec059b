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
 * @param source rows with the columns of `groups`
 * @param bucket SQL of what groups the rows beside the breakdowns, the column `slot` of the rows
 * @param groups the numbered groups of the answer
 */
export function effectiveTraces(scope: QueryScope, source: string, bucket: string, groups: string) {
  const { calculations } = scope.spec;
  const added = calculations.map(({ op }, i) => {
    const value = scope.weighed(op === 'SUM' ? scope.operand(i) : '1');
    return isEstimate(op) ? `sum(${value}) FILTER (WHERE ${scope.present(i)})` : undefined;
  });
  // Calculations of one value add the same.
  const distinct = [...new Set(added)].filter((each) => each !== undefined);
  const adds = distinct.map((sql, i) => `CAST(${sql} AS DOUBLE) AS e${i}`);
  const most = `max(${scope.weighed('1')}) AS most, bool_or(${scope.pulled}) AS pulled`;
  const from = `${source} s JOIN ${groups} ON ${scope.sameGroup('s', groups)}`;
  const columns = ['rn', `${bucket} AS slot`, most, ...adds].join(', ');
  return {
    rows: `(SELECT ${columns} FROM ${from} GROUP BY rn, slot, ${scope.trace})`,
    values: calculations.map(({ op }, i) => {
      const add = added[i];
      if (add === undefined) return 'NULL';
      const effective = effectiveNumber(`e${distinct.indexOf(add)}`);
      const pulled = OF_ENGINE.test(op) ? ' AND NOT bool_or(pulled)' : '';
      return `CASE WHEN max(most) > 1 THEN coalesce(CASE WHEN true${pulled} THEN ${effective} END, 0) END`;
    }),
  };
}
