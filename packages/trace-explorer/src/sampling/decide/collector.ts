import { fnv1a } from '../../shared/fnv1a.ts';
import { turns } from '../../shared/turns.ts';
import type { Traffic, Values } from '../traffic.ts';
import type { Decisions } from './decisions.ts';
import { byTime, noDecisions } from './decisions.ts';
import type { Policy } from './policies.ts';
import { rateOf } from './trace-hash.ts';

/** A Collector's file, as far as tail_sampling goes. */
export interface CollectorRules {
  /** Traces that the Collector's memory holds. */
  readonly traces: number;
  readonly onFirstMatch: boolean;
  readonly policies: readonly Policy[];
  /** The value that says when a trace is decided: nanoseconds since the traffic's begin. */
  readonly due: number;
}

/** How a Collector decides. */
export interface CollectorOptions {
  readonly gate: boolean;
  readonly assume: boolean;
  /**
   * The order of the traces that are decided in one second, which is chance in the Collector: 0 is the order of arrival, any
   * other number another order.
   */
  readonly order: number;
}

/** Decides about each trace as tail_sampling does, on a clock that follows the traffic and ticks each second. */
export async function decideCollector(
  { traceIds, begin }: Traffic,
  values: Values,
  { policies, onFirstMatch, due }: CollectorRules,
  { order, ...options }: CollectorOptions,
): Promise<Decisions> {
  const decisions = noDecisions(traceIds.length, false);
  // Drop policies come first.
  const started = policies
    .toSorted((a, b) => Number(b.type === 'drop') - Number(a.type === 'drop'))
    .map((policy) => ({ ...policy, decide: policy.start({ traceIds, values, begin, ...options }) }));
  const turn = turns();
  const hashOf = (trace: number) => fnv1a(`${order}${traceIds[trace]}`);
  const dueOf = (trace: number) => Number(values[due]?.[trace]);
  for (const [now, traces] of Map.groupBy(byTime(traceIds.length, dueOf), dueOf)) {
    await turn();
    let left = order === 0 ? traces : traces.toSorted((a, b) => hashOf(a) - hashOf(b));
    const least = new Map<number, bigint>();
    for (const { name, type, decide } of started) {
      const found = decide(left, now);
      for (const [at, trace] of left.entries()) {
        const threshold = found[at];
        if (threshold === undefined) continue;
        const before = least.get(trace);
        if (before === undefined) decisions.rule[trace] = name;
        if (type !== 'drop' && (before === undefined || threshold < before)) least.set(trace, threshold);
      }
      if (type === 'drop' || onFirstMatch) left = left.filter((_, at) => found[at] === undefined);
    }
    for (const [trace, threshold] of least) {
      decisions.kept[trace] = 1;
      if (options.gate) decisions.rate[trace] = rateOf(threshold);
    }
  }
  return decisions;
}
