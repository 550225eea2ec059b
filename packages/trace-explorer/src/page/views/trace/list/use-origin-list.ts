import { useLoad } from '../../../use-load.ts';
import { listQuery, readPages } from '../../traces/trace-list.ts';

/** The list from which a trace was opened, in its present state. */
export type OriginList = NonNullable<ReturnType<typeof useOriginList>['list']>;

/** Pages of the list to read: nobody steps through more than a thousand traces. */
const PAGES = 20;

/** Reads the list. `from` has the params of the traces' view; undefined when there is no list. */
export function useOriginList(from: string | undefined, traceId: string) {
  const { value, error } = useLoad(
    async (signal) => {
      if (from === undefined) return undefined;
      const query = listQuery({ params: Object.fromEntries(new URLSearchParams(from)) });
      return { from, ...(await readPages(PAGES, query, signal)) };
    },
    [from],
  );
  const read = value?.from === from ? value : undefined;
  const list = read && {
    traces: read.traces,
    /** Whether the list has traces that were not read. */
    more: read.next !== undefined,
    /** Position of the trace in the list; -1 when the trace is not among those that were read. */
    at: read.traces.findIndex((trace) => trace.trace_id === traceId),
  };
  return { list, failed: error !== undefined };
}
