import { fnv1a } from '../../shared/fnv1a.ts';
import { turns } from '../../shared/turns.ts';
import type { Recording } from '../recording.ts';
import { SPAN } from '../recording.ts';
import type { Decisions } from './decisions.ts';
import { noDecisions } from './decisions.ts';
import type { Policy, Run, TraceView } from './policies.ts';
import { rateOf } from './trace-hash.ts';

const SECOND = 1e9;

/** What a Collector's file says about tail_sampling. */
export interface CollectorRules {
  readonly waitMs: number;
  /** Traces that the Collector's memory holds. */
  readonly traces: number;
  readonly onFirstMatch: boolean;
  readonly policies: readonly Policy[];
}

/** How a Collector decides. */
export interface CollectorOptions extends Omit<Run, 'recording'> {
  /**
   * The order of the traces that are decided in one second, which is chance in the Collector: 0 is the order of arrival, any
   * other number another order.
   */
  readonly order: number;
}

interface Due extends TraceView {
  readonly trace: number;
}

/** Decides about each trace as tail_sampling does, on a clock that follows the recording and ticks each second. */
export async function decideCollector(
  recording: Recording,
  { policies, waitMs, onFirstMatch }: CollectorRules,
  { order, ...options }: CollectorOptions,
): Promise<Decisions> {
  const decisions = noDecisions(recording.traceIds.length, false);
  // Drop policies come first.
  const started = policies
    .toSorted((a, b) => Number(b.type === 'drop') - Number(a.type === 'drop'))
    .map((policy) => ({ ...policy, decide: policy.start({ recording, ...options }) }));
  const turn = turns();
  const hashOf = (trace: number) => fnv1a(`${order}${recording.traceIds[trace]}`);
  for (const [tick, traces] of byTick(recording, waitMs)) {
    await turn();
    const now = tick * SECOND;
    const ordered = order === 0 ? traces : traces.toSorted((a, b) => hashOf(a) - hashOf(b));
    let left: readonly Due[] = ordered.map((trace) => viewAt(recording, trace, now));
    const least = new Map<Due, bigint>();
    for (const { name, type, decide } of started) {
      const found = decide(left, now);
      for (const [at, due] of left.entries()) {
        const threshold = found[at];
        if (threshold === undefined) continue;
        const before = least.get(due);
        if (before === undefined) decisions.rule[due.trace] = name;
        if (type !== 'drop' && (before === undefined || threshold < before)) least.set(due, threshold);
      }
      if (type === 'drop' || onFirstMatch) left = left.filter((_, at) => found[at] === undefined);
    }
    for (const [{ trace }, threshold] of least) {
      decisions.kept[trace] = 1;
      if (options.gate) decisions.rate[trace] = rateOf(threshold);
    }
  }
  return decisions;
}

/** A trace with the rows that had come at a time. */
function viewAt(recording: Recording, trace: number, time: number): Due {
  const { kind, arrival, size: sizes } = recording.rows;
  const all = recording.rowsOf(trace);
  let count = all.length;
  while (count > 0 && (arrival[all[count - 1] ?? 0] ?? 0) > time) count--;
  const rows = all.subarray(0, count);
  let [spans, size] = [0, 0];
  for (const row of rows) {
    if (kind[row] !== SPAN) continue;
    spans += 1;
    size += sizes[row] ?? 0;
  }
  return { trace, id: recording.traceIds[trace] ?? '', rows, spans, size };
}

/** The traces that are decided at each second from the recording's begin. */
function byTick(recording: Recording, waitMs: number): ReadonlyMap<number, readonly number[]> {
  const { arrival } = recording.rows;
  const wait = Math.floor(Math.max(1, waitMs / 1000)) + 1;
  const tickOf = (trace: number) =>
    Math.floor((arrival[recording.rowsOf(trace)[0] ?? 0] ?? 0) / SECOND) + wait;
  return Map.groupBy(recording.inOrder(tickOf), tickOf);
}
