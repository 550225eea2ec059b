import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import type { Load } from '../../../../page/api/use-load.ts';
import { useLoad } from '../../../../page/api/use-load.ts';
import type { HeatmapGrid } from '../../../../page/charts/heatmap/heatmap-grid.ts';
import { formatCount } from '../../../../page/values/format.ts';

/** The duration of a span beside the durations of all spans of its service and name at about the same time. */
export interface Rank {
  readonly others: number;
  /** The share of the others that were faster, 0 to 1. */
  readonly share: number;
  readonly percentiles: readonly (readonly [name: string, ms: number | undefined])[];
  /** The durations over time; undefined without any. */
  readonly grid: HeatmapGrid | undefined;
}

/** Where a duration lies among the others, which are one at least: `slower than 97 %`, `the fastest of 12`. */
export function rankText({ others, share }: Pick<Rank, 'others' | 'share'>): string {
  if (share === 0 || share === 1) {
    return `the ${share === 0 ? 'fastest' : 'slowest'} of ${formatCount(others + 1)}`;
  }
  return share < 0.01 ? 'among the fastest 1 %' : `slower than ${Math.floor(share * 100)} %`;
}

/** Milliseconds that a span stays selected before it is compared: keys go through spans faster. */
const REST_MS = 250;

/** Compares a span with the others of its name. */
export function useRank(model: TraceModel, index: number): Load<Rank> {
  return useLoad(
    async (signal) => {
      await new Promise((done) => setTimeout(done, REST_MS));
      const { readRank } = await import('./read-rank.ts');
      signal.throwIfAborted();
      return readRank(model, index, signal);
    },
    [model.service(index), model.name(index), model.length[index], model.traceId],
  );
}

/** The place of a duration among the rows of a grid, with a fraction. */
export function rowAt({ min, rowSize, rows, log }: HeatmapGrid, duration: number): number {
  const value = log ? Math.log10(Math.max(duration, Number.MIN_VALUE)) : duration;
  return Math.min(rows, Math.max(0, (value - min) / rowSize));
}
