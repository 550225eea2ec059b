import { calculationKey } from '../../core/query/parse/operators.ts';
import type { CalculatedField, Calculation, QuerySpecInput } from '../../core/query/parse/query-spec.ts';

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

/**
 * Whether the value axis is logarithmic where nobody chose: for durations. A few slow requests press all others to the foot of a
 * linear axis.
 */
export function hasLogAxis({ calculations = [] }: QuerySpecInput): boolean {
  return calculations.some(({ op, column }) => op === 'HEATMAP' && column === 'duration_ms');
}
