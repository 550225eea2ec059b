import { turnsWithin } from '../../../../core/store/read/turns-within.ts';
import type { ReadOptions } from '../../../../core/store/store.ts';
import { fnv1a } from '../../../../lib/text/fnv1a.ts';
import type { Traffic, Values } from '../traffic.ts';

/** A sampler's answer for a trace. */
export interface Decision {
  /** The probability that the trace is kept: 1 or 0 where the decision is sure. */
  readonly kept: number;
  /** How many traces a kept trace stands for, as the product writes it: 1 when the product writes nothing. */
  readonly rate: number;
  /** The name of the rule that decided; empty where none did. */
  readonly rule: string;
  /** The key of a dynamic sampler. */
  readonly key?: string;
}

/** A sampler's decisions, by the number of the trace. */
export interface Decisions {
  readonly kept: Float64Array;
  readonly rate: Float64Array;
  readonly rule: string[];
  readonly key: string[];
}

/** How a sampler decides. */
export interface Options {
  /** The Collector's feature gate usetracestate: decisions by the random bits, and thresholds. */
  readonly gate: boolean;
  /** The decision of a policy that is not modelled. */
  readonly assume: boolean;
  /**
   * The order of the traces that are decided in one moment, which is chance in the Collector: 0 is the order of arrival, any
   * other number another order.
   */
  readonly order: number;
}

/** A run of a sampler over the traffic. */
export interface Deciding extends Options {
  readonly traceIds: readonly string[];
  readonly values: Values;
  /** Nanoseconds since the epoch: the time from which the clock counts. */
  readonly begin: bigint;
}

/** Decides about the traces of one moment, in their order. @param now nanoseconds since the traffic's begin */
export type Decide = (traces: readonly number[], now: number) => readonly Decision[];

/** The sampler of a rules file. */
export interface Sampler {
  readonly product: 'collector' | 'refinery' | 'head';
  /** The value that says when a trace is decided: nanoseconds since the traffic's begin. */
  readonly due: number;
  /** Traces that the sampler's memory holds. */
  readonly memory?: number;
  /** Begins with counts of nothing. */
  start(run: Deciding): Decide;
}

/** Decides about each trace on a clock that follows the traffic. */
export async function decide(
  { traceIds, begin }: Traffic,
  values: Values,
  sampler: Sampler,
  options: Options,
  limits: ReadOptions,
): Promise<Decisions> {
  const traces = traceIds.length;
  const decisions = {
    kept: new Float64Array(traces),
    rate: new Float64Array(traces),
    rule: new Array<string>(traces).fill(''),
    key: new Array<string>(traces).fill(''),
  };
  const decideNow = sampler.start({ traceIds, values, begin, ...options });
  const due = Float64Array.from(traceIds, (_, trace) => Number(values[sampler.due]?.[trace]));
  const dueOf = (trace: number) => due[trace] ?? 0;
  const hashOf = (trace: number) => fnv1a(`${options.order}${traceIds[trace]}`);
  const sorted = Int32Array.from(due.keys()).sort((a, b) => dueOf(a) - dueOf(b) || a - b);
  const turn = turnsWithin(limits);
  for (const [now, together] of Map.groupBy(sorted, dueOf)) {
    await turn();
    const inOrder = options.order === 0 ? together : together.toSorted((a, b) => hashOf(a) - hashOf(b));
    for (const [at, { kept, rate, rule, key = '' }] of decideNow(inOrder, now).entries()) {
      const trace = inOrder[at] ?? 0;
      decisions.kept[trace] = kept;
      decisions.rate[trace] = rate;
      decisions.rule[trace] = rule;
      decisions.key[trace] = key;
    }
  }
  return decisions;
}
