/** The value axis of a heatmap: `count` buckets of width `step` from `min`. The last bucket includes the maximum. */
export interface HeatmapAxis {
  readonly min: number;
  readonly step: number;
  readonly count: number;
}

/** Rows of a heatmap: enough to see two bands apart, few enough to see a cell. */
const MAX_BUCKETS = 50;

/** The height of the one bucket of equal values, of the value: also of a logarithm, so that no decade is filled. */
const EQUAL = 0.005;

/** A linear axis over min … max. Its steps are easy to read: 1, 2 or 5 times a power of ten. */
export function heatmapAxis(min: number, max: number, integers: boolean): HeatmapAxis {
  if (!(max > min)) return { min, step: integers ? 1 : Math.abs(min) * EQUAL || EQUAL, count: 1 };
  const wanted = (max - min) / MAX_BUCKETS;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const nice = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= wanted) ?? wanted;
  const step = integers ? Math.max(1, nice) : nice;
  const start = Math.floor(min / step) * step;
  // Rounding may put the start just above the minimum. Values below the start count in the first bucket.
  return { min: start, step, count: Math.floor((max - start) / step) + 1 };
}
