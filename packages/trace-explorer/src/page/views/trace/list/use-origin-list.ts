import { useEffect, useState } from 'preact/hooks';
import type { TraceSummary } from '../../../../traces/list/summaries.ts';
import { listQuery, readTraces } from '../../traces/trace-list.ts';

/** The list that a trace was reached from, as it was then. */
export interface OriginList {
  readonly traces: readonly TraceSummary[];
  /** Whether there are more than were read. */
  readonly more: boolean;
  /** Position of the trace in the list, -1 when it is not among those that were read. */
  readonly at: number;
}

/** Stands for a list without params in a trace's URL. */
export const UNFILTERED = 'all';

/** Traces read at a time, and in all: nobody pages through more one by one. */
const PAGE = 200;
const MOST = 1000;

/** Reads the list page by page. `from` has the params of the traces' view; undefined when there is none. */
export function useOriginList(from: string | undefined, traceId: string): OriginList | undefined {
  const [read, setRead] = useState<{ from: string; traces: readonly TraceSummary[]; more: boolean }>();
  useEffect(() => {
    if (from === undefined) return;
    const controller = new AbortController();
    const query = listQuery({ params: Object.fromEntries(new URLSearchParams(from)) });
    query.set('limit', String(PAGE));
    const readAll = async () => {
      let traces: readonly TraceSummary[] = [];
      let next: string | undefined;
      do {
        const page = await readTraces(query, controller.signal, next);
        next = page.next;
        traces = [...traces, ...page.traces];
        setRead({ from, traces, more: next !== undefined });
      } while (next !== undefined && traces.length < MOST);
    };
    // Without the list the trace itself is still there.
    readAll().catch(() => {});
    return () => controller.abort();
  }, [from]);
  if (from === undefined || read?.from !== from) return undefined;
  return { ...read, at: read.traces.findIndex((trace) => trace.trace_id === traceId) };
}
