import type { HeatmapGrid } from '../../../../page/charts/heatmap/heatmap-grid.ts';
import { heatmapGrid } from '../../../../page/charts/heatmap/heatmap-grid.ts';
import type { Rank } from './use-rank.ts';

/** The durations of like spans over time; undefined without any. */
export function durationsGrid(rank: Rank | undefined): HeatmapGrid | undefined {
  return rank && heatmapGrid(rank.data, 'heatmap', { log: true });
}
