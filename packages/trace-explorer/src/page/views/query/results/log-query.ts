import { calculationKey } from '../../../../query/parse/operators.ts';
import type { CalculatedField, Calculation, QuerySpecInput } from '../../../../query/parse/query-spec.ts';
import type { QueryData } from '../../../../query/result/query-result.ts';
import { heatmapGrid } from '../../../charts/heatmap/heatmap-grid.ts';

/**
 * The query for heatmaps over the logarithm of their values. Its results have the keys of the original query. With rows of
 * equal values, all fast requests would be in one row. Values not above 0 have no logarithm and are left out.
 */
export function logQuery(query: QuerySpecInput): QuerySpecInput {
  const { calculations = [], calculated_fields = [] } = query;
  const added: CalculatedField[] = [];
  const changed = calculations.map((calculation): Calculation => {
    const { op, column } = calculation;
    if (op !== 'HEATMAP' || column === undefined) return calculation;
    const name = `log10 of ${column}`;
    if (!added.some((each) => each.name === name))
      added.push({ name, expression: `LOG10($${JSON.stringify(column)})` });
    return { ...calculation, column: name, name: calculationKey(calculation) };
  });
  if (added.length === 0) return query;
  return { ...query, calculations: changed, calculated_fields: [...calculated_fields, ...added] };
}

/** A linear axis is unreadable when this share of the counts is in this lowest part of the axis. */
const CROWDED = 0.75;
const LOWEST = 1 / 20;

/** Whether a heatmap of the result needs a logarithmic axis, because a few high values press all others together. */
export function asksForLog(data: QueryData, { calculations = [] }: QuerySpecInput): boolean {
  return calculations.some((calculation) => {
    const grid = calculation.op === 'HEATMAP' && heatmapGrid(data, calculationKey(calculation));
    if (!grid || grid.min < 0) return false;
    const all = grid.totals.reduce((sum, each) => sum + each, 0);
    const low = grid.totals.slice(0, Math.ceil(grid.rows * LOWEST)).reduce((sum, each) => sum + each, 0);
    return low >= CROWDED * all;
  });
}
