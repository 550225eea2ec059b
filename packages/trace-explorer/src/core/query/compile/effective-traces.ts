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
 * A group of more rows has its traces added up in so many cells. A row for each trace of 500,000 spans takes four times as long as
 * the query itself, and memory without a bound; what the cells add up to is off by 2 %, so "± 10 %" by 0.1.
 */
const CELLS = 4096;

/**
 * As how many unsampled traces those of a group say, for each calculation: the square of a sum by the sum of the squares, of what
 * each trace adds to it. NULL where no row of the group stands for several, or nothing is estimated.
 * @param source rows with the columns of `groups`
 * @param bucket SQL of what groups the rows beside the breakdowns, the column `slot` of the rows
 * @param groups the numbered groups of the answer, with their numbers of rows
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
  const most = `max(${scope.weighed('1')}) AS most, bool_or(${scope.pulled}) AS pulled, any_value(n) AS n`;
  const cell = `CASE WHEN n > ${CELLS} THEN ${scope.trace} % ${CELLS} ELSE ${scope.trace} END AS cell`;
  const from = `${source} s JOIN ${groups} ON ${scope.sameGroup('s', groups)}`;
  const columns = ['rn', `${bucket} AS slot`, cell, most, ...adds].join(', ');
  return {
    rows: `(SELECT ${columns} FROM ${from} GROUP BY rn, slot, cell)`,
    values: calculations.map(({ op }, i) => {
      const add = added[i];
      if (add === undefined) return 'NULL';
      const e = `e${distinct.indexOf(add)}`;
      const pulled = OF_ENGINE.test(op) ? ' AND NOT bool_or(pulled)' : '';
      // Traces that share a cell add the product of what they add: on average the square of the sum by the number of cells.
      const inCells = `(${CELLS} * sum(${e} * ${e}) - sum(${e}) ** 2) / ${CELLS - 1}`;
      const squares = `CASE WHEN any_value(n) > ${CELLS} THEN ${inCells} ELSE sum(${e} * ${e}) END`;
      const effective = `sum(${e}) ** 2 / nullif(${squares}, 0)`;
      return `CASE WHEN max(most) > 1 THEN coalesce(CASE WHEN true${pulled} THEN ${effective} END, 0) END`;
    }),
  };
}
