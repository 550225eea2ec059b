import { useState } from 'preact/hooks';
import type { TraceSummary } from '../../../traces/list/summaries.ts';

/** The displayed traces, and the traces that wait while the list is held. */
export interface TraceLines {
  readonly shown: readonly TraceSummary[];
  /** Newest first. Newer states of displayed traces are among them. */
  readonly waiting: readonly TraceSummary[];
}

/** Most traces of a list that updates itself. Older ones are read page by page. */
export const MAX_SHOWN = 200;

/** Adds traces to the displayed traces, or while `held` to the waiting traces. A trace that has grown keeps its place. */
export function takeIn(lines: TraceLines, traces: readonly TraceSummary[], held: boolean): TraceLines {
  return held
    ? { ...lines, waiting: merged(lines.waiting, traces) }
    : { shown: merged(lines.shown, merged(lines.waiting, traces)), waiting: [] };
}

/** The number of waiting traces that are not displayed yet. */
export function countWaiting({ shown, waiting }: TraceLines): number {
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

const NOTHING: TraceLines = { shown: [], waiting: [] };

/** The lines of a list: those that were read, and later arrivals. */
export function useShownTraces() {
  const [lines, setLines] = useState(NOTHING);
  return {
    lines,
    /** Call this when a read begins. Its answer will contain all traces that have arrived by then. */
    begin: () => setLines((before) => ({ ...before, waiting: [] })),
    /** Call this with the answer of the read. */
    show: (shown: readonly TraceSummary[]) => setLines(({ waiting }) => ({ shown, waiting })),
    take: (traces: readonly TraceSummary[], held: boolean) =>
      setLines((before) => takeIn(before, traces, held)),
  };
}
