/** The value axis of a heatmap: `count` buckets of `step` from `min`; the last one holds the maximum. */
export interface HeatmapAxis {
  readonly min: number;
  readonly step: number;
  readonly count: number;
}

/** As Honeycomb's results give a heatmap: the events of each value bucket. */
export interface HeatmapValue {
  readonly counts: readonly number[];
  readonly min_value: number;
  readonly max_value: number;
  readonly step_size: number;
}

/** Rows of a heatmap: enough to see two bands apart, few enough for a cell to be seen. */
const MAX_BUCKETS = 50;

/** A linear axis over min … max, in steps a person reads easily (1, 2 or 5 times a power of ten). */
export function heatmapAxis(min: number, max: number, integers: boolean): HeatmapAxis {
  if (!(max > min)) return { min, step: 1, count: 1 };
  const wanted = (max - min) / MAX_BUCKETS;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const nice = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= wanted) ?? wanted;
  const step = integers ? Math.max(1, nice) : nice;
  const start = Math.floor(min / step) * step;
  // Rounding may leave a start just above the minimum; values below it count in the first bucket.
  return { min: start, step, count: Math.floor((max - start) / step) + 1 };
}

export function heatmapValue(
  axis: HeatmapAxis | undefined,
  counts: ReadonlyMap<number, number>,
): HeatmapValue {
  if (axis === undefined) return { counts: [], min_value: 0, max_value: 0, step_size: 0 };
  return {
    counts: Array.from({ length: axis.count }, (_, i) => counts.get(i) ?? 0),
    min_value: axis.min,
    max_value: axis.min + axis.step * axis.count,
    step_size: axis.step,
  };
}
