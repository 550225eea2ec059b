import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { logQuery } from '../../../../page/api/log-query.ts';
import { sendQuery } from '../../../../page/api/send-query.ts';
import type { Load } from '../../../../page/api/use-load.ts';
import { useLoad } from '../../../../page/api/use-load.ts';
import type { HeatmapGrid } from '../../../../page/charts/heatmap/heatmap-grid.ts';
import { heatmapGrid } from '../../../../page/charts/heatmap/heatmap-grid.ts';
import { filtersOfLike, timeAround } from './narrow-place.ts';

export const PERCENTILES = ['P50', 'P90', 'P99'] as const;

/** The duration of a span beside the durations of all spans of its service and name at about the same time. */
export interface Rank {
  readonly others: number;
  /** The share of the others that were faster, 0 to 1. */
  readonly share: number;
  readonly percentiles: readonly (readonly [name: string, ms: number | undefined])[];
  /** The durations over time; undefined without any. */
  readonly grid: HeatmapGrid | undefined;
}

/** Milliseconds that a span stays selected before it is compared: keys go through spans faster. */
const REST_MS = 250;

/** Compares a span with the others of its name. */
export function useRank(model: TraceModel, index: number): Load<Rank> {
  const duration = (model.length[index] ?? 0) / 1e6;
  return useLoad(
    async (signal) => {
      await new Promise((done) => setTimeout(done, REST_MS));
      signal.throwIfAborted();
      const column = 'duration_ms';
      const data = await sendQuery(
        '__all__',
        logQuery({
          calculations: [
            { op: 'HEATMAP', column, name: 'heatmap' },
            { op: 'COUNT', name: 'spans' },
            { op: 'COUNT', name: 'faster', filters: [{ column, op: '<', value: duration }] },
            ...PERCENTILES.map((op) => ({ op, column, name: op })),
          ],
          filters: filtersOfLike(model, index),
          ...timeAround(model),
        }),
        { signal },
      );
      const row = data.results[0]?.data ?? {};
      const others = Math.max(0, Number(row.spans ?? 0) - 1);
      return {
        others,
        share: others === 0 ? 0 : Number(row.faster ?? 0) / others,
        percentiles: PERCENTILES.map((op) => {
          const value = row[op];
          return [op, typeof value === 'number' ? value : undefined] as const;
        }),
        grid: heatmapGrid(data, 'heatmap', { log: true }),
      };
    },
    [model.service(index), model.name(index), duration, model.traceId],
  );
}

/** The place of a duration among the rows of a grid, with a fraction. */
export function rowAt({ min, rowSize, rows, log }: HeatmapGrid, duration: number): number {
  const value = log ? Math.log10(Math.max(duration, Number.MIN_VALUE)) : duration;
  return Math.min(rows, Math.max(0, (value - min) / rowSize));
}
