import { calculationKey } from '../../../../core/query/parse/operators.ts';
import type { Calculation, Order, QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import type { QueryData, ResultRow, ResultValue } from '../../../../core/query/result/query-result.ts';
import { estimateText } from '../../../../lib/text/words.ts';
import type { ShownDeploys } from '../../../../page/charts/marks.tsx';
import { formatNumber } from '../../../../page/values/format.ts';
import type { ShownQuery } from '../shown-query.ts';
import { formatField, formatResult } from '../values.ts';
import type { traceAtPoint } from './find-trace.ts';

/** A value of each row of a result: of a formula, or of a calculation. */
export interface Measure {
  readonly key: string;
  readonly calculation?: Calculation;
  readonly expression?: string;
  readonly order: Pick<Order, 'op' | 'column'>;
  format(value: ResultValue | undefined): string;
}

export interface ResultsProps {
  readonly shown: ShownQuery;
  readonly data: QueryData;
  /** Whether the data counts logarithms, see logQuery. The URL may already name the other axis. */
  readonly log: boolean;
}

/** A chart of one value of the result. */
export interface ChartProps extends ResultsProps {
  readonly measure: Measure;
  readonly onPoint: (point: Parameters<typeof traceAtPoint>[2]) => void;
  /** The moment under the pointer or the arrow keys in any of the charts, seconds since the epoch. */
  readonly at: number | undefined;
  readonly onAt: (at: number | undefined) => void;
  readonly deploys: ShownDeploys;
}

/** The value of a row as text, with ≈ for an estimate. */
export function textIn(
  { key, format }: Measure,
  { info }: Pick<QueryData, 'info'>,
  row: ResultRow['data'] | undefined,
): string {
  const value = row?.[key];
  return estimateText(format(value), info.estimated && typeof value === 'number');
}

/** The values of a result: its formulas, else its calculations. A query without calculations counts events. */
export function measuresOf({ formulas = [], calculations = [] }: QuerySpecInput): Measure[] {
  if (formulas.length > 0)
    return formulas.map(({ name, expression }) => ({
      key: name,
      expression,
      order: { column: name },
      format: (value) => (typeof value === 'number' ? formatNumber(value) : formatField('', value)),
    }));
  const all: readonly Calculation[] = calculations.length > 0 ? calculations : [{ op: 'COUNT' }];
  return all.map((calculation) => {
    const { op, column, name } = calculation;
    return {
      key: calculationKey(calculation),
      calculation,
      order: name === undefined ? { op, ...(column !== undefined && { column }) } : { column: name },
      format: (value) => formatResult(calculation, value),
    };
  });
}
