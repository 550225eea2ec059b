import { useEffect, useRef, useState } from 'preact/hooks';
import type { TraceSummary } from '../../../traces/list/summaries.ts';
import { readRecent } from './trace-list.ts';

/** How long arrivals are collected before the explorer is asked which of them fit, in milliseconds. */
const COLLECT_MS = 1000;

/** Traces that came since the list was read, as far as they fit its filters. */
export interface Arrived {
  readonly ids: ReadonlySet<string>;
  take(traces: readonly TraceSummary[]): void;
  /** The list is being read. */
  forget(): void;
}

/** @param filter what the list is read with, when it leaves traces out: a summary does not say whether it fits */
export function useArrived(filter: URLSearchParams | undefined): Arrived {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const came = useRef(new Set<string>());
  const since = useRef(Date.now());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const forget = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    came.current = new Set();
    since.current = Date.now();
    setIds(new Set());
  };
  const look = async (asked: URLSearchParams) => {
    const { current: all } = came;
    const found = await readRecent(asked, since.current).catch(() => []);
    // Unless the list was read meanwhile. What cannot be read is seen with the next arrival.
    if (came.current !== all) return;
    timer.current = undefined;
    setIds((before) => new Set([...before, ...found.filter((id) => all.has(id))]));
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return {
    ids,
    forget,
    take(traces) {
      for (const { trace_id } of traces) came.current.add(trace_id);
      if (filter === undefined) setIds(new Set(came.current));
      else timer.current ??= setTimeout(() => void look(filter), COLLECT_MS);
    },
  };
}
