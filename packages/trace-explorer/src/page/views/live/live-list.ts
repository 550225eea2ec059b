import type { TraceSummary } from '../../../traces/list/summaries.ts';

/** What is shown, newest first, and what waits while somebody reads. */
export interface LiveList {
  readonly shown: readonly TraceSummary[];
  /** Newest first; newer states of traces that are shown already are among them. */
  readonly waiting: readonly TraceSummary[];
}

/** Traces kept; older ones are in the list of all traces. */
export const MAX_SHOWN = 200;

/** Adds traces to what is shown, or while `paused` to what waits. A trace that has grown keeps its place. */
export function takeIn(list: LiveList, traces: readonly TraceSummary[], paused: boolean): LiveList {
  return paused
    ? { ...list, waiting: merged(list.waiting, traces) }
    : { shown: merged(list.shown, merged(list.waiting, traces)), waiting: [] };
}

/** How many traces wait that are not shown yet. */
export function countWaiting({ shown, waiting }: LiveList): number {
  const known = new Set(shown.map((trace) => trace.trace_id));
  return waiting.filter((trace) => !known.has(trace.trace_id)).length;
}

function merged(before: readonly TraceSummary[], traces: readonly TraceSummary[]): readonly TraceSummary[] {
  const latest = new Map(traces.map((trace) => [trace.trace_id, trace]));
  const kept = before.map((trace) => {
    const found = latest.get(trace.trace_id);
    latest.delete(trace.trace_id);
    return found ?? trace;
  });
  return [...latest.values(), ...kept].slice(0, MAX_SHOWN);
}
