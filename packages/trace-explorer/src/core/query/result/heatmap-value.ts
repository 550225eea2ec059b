import type { HeatmapAxis } from '../compile/heatmap-axis.ts';

/** A heatmap in the form of Honeycomb's results: the events of each value bucket. */
export interface HeatmapValue {
  readonly counts: readonly number[];
  readonly min_value: number;
  readonly max_value: number;
  readonly step_size: number;
}

/** A heatmap's counts along its axis. Without counts, the heatmap is empty. */
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
