import { useEffect, useState } from 'preact/hooks';
import type { TraceSummary } from '../../../../traces/list/summaries.ts';
import { listQuery, readTraces } from '../../traces/trace-list.ts';

/** The list that a trace was reached from, as it was then. */
export interface OriginList {
  readonly traces: readonly TraceSummary[];
  /** Whether there are more than were read. */
  readonly more: boolean;
  /** `reading` until the last page has come, or one could not be read. */
  readonly state: 'reading' | 'read' | 'failed';
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
  const [read, setRead] = useState<Omit<OriginList, 'at'> & { from: string }>();
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
        const more = next !== undefined;
        setRead({ from, traces, more, state: more && traces.length < MOST ? 'reading' : 'read' });
      } while (next !== undefined && traces.length < MOST);
    };
    // Without the list, or with a part of it, the trace itself is still there.
    readAll().catch(() => {
      if (controller.signal.aborted) return;
      setRead((before) => {
        const known = before?.from === from ? before : { from, traces: [], more: true };
        return { ...known, state: 'failed' };
      });
    });
    return () => controller.abort();
  }, [from]);
  if (from === undefined || read?.from !== from) return undefined;
  return { ...read, at: read.traces.findIndex((trace) => trace.trace_id === traceId) };
}
