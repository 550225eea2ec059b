import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { logQuery } from '../../../../page/api/log-query.ts';
import { sendQuery } from '../../../../page/api/send-query.ts';
import { useLoad } from '../../../../page/api/use-load.ts';
import { formatCount } from '../../../../page/values/format.ts';
import { filtersOfLike, timeAround } from './narrow-place.ts';

/** Where a duration lies among the others, which are one at least: `slower than 97 %`, `the fastest of 12`. */
export function rankText({ others, share }: { readonly others: number; readonly share: number }): string {
  if (share === 0 || share === 1) {
    return `the ${share === 0 ? 'fastest' : 'slowest'} of ${formatCount(others + 1)}`;
  }
  return share < 0.01 ? 'among the fastest 1 %' : `slower than ${Math.floor(share * 100)} %`;
}

/** Milliseconds that a span stays selected before it is compared: keys go through spans faster. */
const REST_MS = 250;

/** The duration of a span beside those of all spans of its service and name at about the same time. */
export function useRank(model: TraceModel, index: number) {
  return useLoad(
    async (signal) => {
      await new Promise((done) => setTimeout(done, REST_MS));
      signal.throwIfAborted();
      return readRank(model, index, signal);
    },
    [model.service(index), model.name(index), model.length[index], model.traceId],
  );
}

/** Where a span's duration lies. */
export type Rank = Awaited<ReturnType<typeof readRank>>;

const PERCENTILES = ['P50', 'P90', 'P99'] as const;

async function readRank(model: TraceModel, index: number, signal: AbortSignal) {
  const duration = (model.length[index] ?? 0) / 1e6;
  const column = 'duration_ms';
  const data = await sendQuery(
    '__all__',
    logQuery({
      calculations: [
        { op: 'HEATMAP', column, name: 'heatmap' },
        {
          op: 'COUNT',
          name: 'others',
          filters: [{ column: 'trace.span_id', op: '!=', value: model.spanId(index) }],
        },
        { op: 'COUNT', name: 'faster', filters: [{ column, op: '<', value: duration }] },
        ...PERCENTILES.map((op) => ({ op, column, name: op })),
      ],
      filters: filtersOfLike(model, index),
      ...timeAround(model),
    }),
    { signal },
  );
  const [{ data: row = {} } = {}] = data.results;
  const others = Number(row.others ?? 0);
  return {
    others,
    /** The share of the others that were faster, 0 to 1. */
    share: others === 0 ? 0 : Number(row.faster ?? 0) / others,
    percentiles: PERCENTILES.map((op) => {
      const value = row[op];
      return [op, typeof value === 'number' ? value : undefined] as const;
    }),
    /** The durations over time, in column `heatmap`. */
    data,
  };
}
