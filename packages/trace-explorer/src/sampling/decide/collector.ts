import { fnv1a } from '../../shared/fnv1a.ts';
import type { Recording } from '../recording.ts';
import { SPAN } from '../recording.ts';
import type { CollectorRules } from '../rules/collector.ts';
import type { Decisions } from './decisions.ts';
import { noDecisions } from './decisions.ts';
import type { Policy, PolicyOptions } from './policies.ts';
import { makePolicy } from './policies.ts';
import { rateOf } from './trace-hash.ts';
import type { TraceView } from './trace-view.ts';
import { viewAt, viewOf } from './trace-view.ts';

const SECOND = 1e9;

/** How a Collector decides. */
export interface CollectorOptions extends PolicyOptions {
  /**
   * The order of the traces that are decided in one second, which is chance in the Collector: 0 is the order of arrival, any
   * other number another order.
   */
  readonly order: number;
}

/** Decides about each trace as tail_sampling does, on a clock that follows the recording and ticks each second. */
export function decideCollector(
  recording: Recording,
  rules: CollectorRules,
  options: CollectorOptions,
): Decisions {
  const decisions = noDecisions(recording.traceIds.length, false);
  const policies = rules.policies.map((each) => makePolicy(each, recording, options));
  // Drop policies come first.
  const drops = policies.filter(({ isDrop }) => isDrop);
  const keeps = policies.filter(({ isDrop }) => !isDrop);
  const timeline = new Timeline(recording, rules);
  for (const { tick, traces } of timeline.ticks(options.order)) {
    const now = tick * SECOND;
    const views = traces.map((trace) => ({ trace, view: viewAt(recording, trace, now) }));
    const left = views.filter(({ trace, view }) => {
      if (rules.onIngest) {
        ingest(recording, { trace, view }, policies, decisions);
        return false;
      }
      if (rules.mostBytes > 0 && view.size > rules.mostBytes) {
        decisions.rule[trace] = 'maximum_trace_size_bytes';
        return false;
      }
      const drop = drops.find((each) => each.evaluate(view, now) !== undefined);
      if (drop !== undefined) decisions.rule[trace] = drop.name;
      return drop === undefined;
    });
    for (const policy of keeps)
      policy.prepare?.(
        left.map(({ view }) => view),
        now,
      );
    for (const { trace, view } of left) decide(trace, view, now);
  }
  for (const trace of timeline.evicted) decisions.rule[trace] = 'num_traces';
  return decisions;

  function decide(trace: number, view: TraceView, now: number): void {
    let least: bigint | undefined;
    for (const policy of keeps) {
      const threshold = policy.evaluate(view, now);
      if (threshold === undefined) continue;
      if (least === undefined) decisions.rule[trace] = policy.name;
      if (least === undefined || threshold < least) least = threshold;
      if (rules.onFirstMatch) break;
    }
    if (least === undefined) return;
    decisions.kept[trace] = 1;
    if (options.gate) decisions.rate[trace] = rateOf(least);
  }
}

/** span-ingest: each span is asked about alone. With a drop policy nothing is ever sampled before the end of the wait. */
function ingest(
  recording: Recording,
  { trace, view }: { readonly trace: number; readonly view: TraceView },
  policies: readonly Policy[],
  decisions: Decisions,
): void {
  let spans = 0;
  for (const [at, row] of view.rows.entries()) {
    if (recording.rows.kind[row] !== SPAN) continue;
    spans += 1;
    let end = at + 1;
    while (end < view.rows.length && recording.rows.kind[view.rows[end] ?? 0] !== SPAN) end++;
    const alone = { ...viewOf(recording, trace, view.rows.subarray(at, end)), spans };
    const found = policies.find((each) => each.evaluate(alone, 0) !== undefined);
    const isPending = !found?.isDrop && policies.some(({ isDrop }) => isDrop);
    if (found === undefined || isPending) continue;
    decisions.rule[trace] = found.name;
    if (!found.isDrop) decisions.kept[trace] = 1;
    return;
  }
}

/** Which traces are decided at which second. */
class Timeline {
  /** Traces that newer ones pushed out of the memory before they were decided. */
  readonly evicted: number[] = [];
  readonly #ticks: Float64Array;
  readonly #recording: Recording;

  constructor(recording: Recording, rules: CollectorRules) {
    this.#recording = recording;
    const { arrival, root } = recording.rows;
    const batches = Math.floor(Math.max(1, rules.waitMs / 1000));
    const afterRoot = Math.floor(rules.waitAfterRootMs / 1000);
    this.#ticks = Float64Array.from(recording.traceIds, (_, trace) => {
      const own = recording.rowsOf(trace);
      let tick = ticksBefore(arrival[own[0] ?? 0]) + batches + 1;
      if (rules.waitAfterRootMs > 0)
        for (const row of own)
          if (root[row] === 1) tick = Math.min(tick, ticksBefore(arrival[row]) + afterRoot + 1);
      return tick;
    });
    if (rules.traces < recording.traceIds.length) this.#evict(rules);
  }

  *ticks(order: number): Generator<{ readonly tick: number; readonly traces: readonly number[] }> {
    const gone = new Set(this.evicted);
    const ids = this.#recording.traceIds;
    let [tick, traces]: [number, number[]] = [-1, []];
    const inOrder = () =>
      order === 0
        ? traces
        : traces.toSorted((a, b) => fnv1a(`${order}${ids[a]}`) - fnv1a(`${order}${ids[b]}`));
    for (const trace of this.#recording.inOrder((each) => this.#ticks[each] ?? 0)) {
      if (gone.has(trace)) continue;
      const own = this.#ticks[trace] ?? 0;
      if (own !== tick && traces.length > 0) yield { tick, traces: inOrder() };
      if (own !== tick) [tick, traces] = [own, []];
      traces.push(trace);
    }
    if (traces.length > 0) yield { tick, traces: inOrder() };
  }

  /**
   * The oldest trace goes when a new one finds the memory full. Without caches, decided traces are still in it. A cache is taken
   * to know every decision.
   */
  #evict({ traces: most, cached }: CollectorRules): void {
    const { arrival } = this.#recording.rows;
    const firstOf = (trace: number) => arrival[this.#recording.rowsOf(trace)[0] ?? 0] ?? 0;
    const waiting: number[] = [];
    const keepsDecided = !cached.sampled || !cached.notSampled;
    let oldest = 0;
    for (const trace of this.#recording.inOrder(firstOf)) {
      const now = firstOf(trace) / SECOND;
      const isDecided = (each: number) => (this.#ticks[each] ?? 0) <= now;
      if (!keepsDecided) while (oldest < waiting.length && isDecided(waiting[oldest] ?? 0)) oldest++;
      if (waiting.length - oldest >= most) {
        const pushed = waiting[oldest++] ?? 0;
        if (!isDecided(pushed)) this.evicted.push(pushed);
      }
      waiting.push(trace);
    }
  }
}

/** Seconds that had passed. */
function ticksBefore(time = 0): number {
  return Math.floor(time / SECOND);
}
