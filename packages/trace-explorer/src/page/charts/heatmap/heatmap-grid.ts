import type { HeatmapValue } from '../../../core/query/result/heatmap-value.ts';
import type { QueryData } from '../../../core/query/result/query-result.ts';

/** A heatmap as a grid of counts: one column per bucket of time, and one row per range of values, the lowest first. */
export interface HeatmapGrid {
  /** Start of the first column, seconds since the epoch. */
  readonly start: number;
  /** Seconds per column. */
  readonly step: number;
  readonly columns: number;
  readonly rows: number;
  /** Value at the foot of the first row. With `log`, its logarithm to base 10. */
  readonly min: number;
  readonly rowSize: number;
  /** Whether rows have equal heights in the logarithm of their values. */
  readonly log: boolean;
  /** `counts[column * rows + row]`, for all groups together. */
  readonly counts: Float64Array;
  /** The highest count of a cell. */
  readonly most: number;
  /** Counts per row over the whole time: the histogram. */
  readonly totals: Float64Array;
}

/** Rows below and above the only one. */
const BAND = 4;

/**
 * The grid of a HEATMAP by its key in a result; undefined without any counts.
 * @param log whether the result counts logarithms, see logQuery
 */
export function heatmapGrid(
  data: QueryData,
  key: string,
  { log = false }: { readonly log?: boolean } = {},
): HeatmapGrid | undefined {
  const axis = data.results
    .map((row) => heatmapAt(row.data[key]))
    .find((value) => (value?.counts.length ?? 0) > 0);
  if (axis === undefined) return undefined;
  const { granularity_seconds: step, start_time, end_time } = data.info;
  const start = Math.floor(start_time / step) * step;
  const columns = Math.max(1, Math.ceil((end_time - start) / step));
  // Equal values are a thin band, and fill no decade.
  const pad = axis.counts.length === 1 ? BAND : 0;
  const below =
    axis.min_value >= 0 && !log ? Math.min(pad, Math.floor(axis.min_value / axis.step_size)) : pad;
  const rows = axis.counts.length + below + pad;
  const counts = new Float64Array(columns * rows);
  const totals = new Float64Array(rows);
  let most = 0;
  for (const point of data.series) {
    const column = Math.round((Date.parse(point.time) / 1000 - start) / step);
    const value = heatmapAt(point.data[key]);
    if (value === undefined || column < 0 || column >= columns) continue;
    for (const [at, count] of value.counts.entries()) {
      const row = at + below;
      if (count === 0) continue;
      const cell = column * rows + row;
      const sum = (counts[cell] ?? 0) + count;
      counts[cell] = sum;
      totals[row] = (totals[row] ?? 0) + count;
      if (sum > most) most = sum;
    }
  }
  return {
    start,
    step,
    columns,
    rows,
    min: axis.min_value - below * axis.step_size,
    rowSize: axis.step_size,
    log,
    counts,
    most,
    totals,
  };
}

/** Count of one cell. */
export function countAt(grid: HeatmapGrid, column: number, row: number): number {
  return grid.counts[column * grid.rows + row] ?? 0;
}

function heatmapAt(value: unknown): HeatmapValue | undefined {
  return typeof value === 'object' && value !== null && 'counts' in value
    ? (value as HeatmapValue)
    : undefined;
}
