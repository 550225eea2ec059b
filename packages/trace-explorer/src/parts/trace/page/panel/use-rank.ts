import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { useLoad } from '../../../../page/api/use-load.ts';
import { formatCount } from '../../../../page/values/format.ts';

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
      const { readRank } = await import('./read-rank.ts');
      signal.throwIfAborted();
      return readRank(model, index, signal);
    },
    [model.service(index), model.name(index), model.length[index], model.traceId],
  );
}
