import type { Values } from '../traffic.ts';
import { largestHash, RANDOM_VALUES, randomBits, samplingOf, thresholdOf, traceHash } from './trace-hash.ts';

/** How policies decide. */
export interface Deciding {
  readonly traceIds: readonly string[];
  readonly values: Values;
  /** Nanoseconds since the epoch: the time from which the clock counts. */
  readonly begin: bigint;
  /** The feature gate usetracestate: decisions by the random bits, and thresholds. */
  readonly gate: boolean;
  /** The decision of a policy that is not modelled. */
  readonly assume: boolean;
}

/**
 * Decides about the traces of one second, in their order. @param now nanoseconds since the traffic's begin
 * @returns the threshold of each trace that is sampled (0n of a class that is kept whole), undefined for the others
 */
export type Decide = (traces: readonly number[], now: number) => readonly (bigint | undefined)[];

type Start = (run: Deciding) => Decide;

/** A policy of tail_sampling 0.161. Its counts begin anew in each run. */
export interface Policy {
  readonly name: string;
  readonly type: string;
  /** Whether a limit per second decides, so that the order of traces counts. */
  readonly isLimited: boolean;
  readonly start: Start;
}

/** A limit per second, and how much of it may gather. */
export interface Limit {
  readonly perSecond: number;
  readonly burst: number;
}

/** Keeps the traces with a value that is true. */
export function when(value: number): Start {
  return ({ values }) =>
    (traces) =>
      traces.map((trace) => (values[value]?.[trace] === true ? 0n : undefined));
}

/** A policy that is not modelled: all, or nothing. */
export function assumed({ assume }: Deciding): Decide {
  return (traces) => traces.map(() => (assume ? 0n : undefined));
}

/** A share of the traces, by a hash of their ids; with the gate by their random bits, where trace states have a threshold. */
export function probabilistic(percentage: number, salt: string, state: number): Start {
  const ratio = percentage / 100;
  const [hash, largest, threshold] = [traceHash(salt), largestHash(ratio), thresholdOf(ratio)];
  return ({ gate, traceIds, values }) =>
    (traces) =>
      traces.map((trace) => {
        const id = traceIds[trace] ?? '';
        const { random, sampled } = samplingOf(gate ? values[state]?.[trace] : '');
        const isKept = sampled ? threshold <= (random ?? randomBits(id)) : hash(id) <= largest;
        return isKept ? threshold : undefined;
      });
}

/**
 * rate_limiting and bytes_limiting: a token bucket, trace by trace, as golang.org/x/time/rate has it. It is full at
 * first, and filled again by the time that passes. With the gate: of the traces of a second the ones with the highest random bits
 * that the bucket allows.
 */
export function limited({ perSecond, burst }: Limit, cost: number, state: number): Start {
  return ({ gate, traceIds, values }) => {
    let [tokens, last] = [burst, 0];
    const tokensAt = (now: number) => Math.min(burst, tokens + ((now - last) / 1e9) * perSecond);
    const take = (wanted: number, now: number) => {
      const left = tokensAt(now) - wanted;
      if (wanted > burst || left < 0) return undefined;
      [tokens, last] = [left, now];
      return 0n;
    };
    const costOf = (trace: number) => Number(values[cost]?.[trace]);
    const randomOf = (trace: number) =>
      samplingOf(values[state]?.[trace]).random ?? randomBits(traceIds[trace] ?? '');
    if (!gate) return (traces, now) => traces.map((trace) => take(costOf(trace), now));
    return (traces, now) => {
      const items = traces.map((trace) => ({ random: randomOf(trace), cost: costOf(trace) }));
      const [threshold, spent] = thresholdFor(
        items.filter((item) => item.cost <= burst),
        Math.trunc(tokensAt(now)),
      );
      if (spent > 0) take(spent, now);
      return items.map((item) => (item.cost <= burst && threshold <= item.random ? threshold : undefined));
    };
  };
}

/** The threshold behind the first trace that a budget does not allow, and the cost of the traces above it. */
function thresholdFor(
  items: readonly { readonly random: bigint; readonly cost: number }[],
  budget: number,
): [threshold: bigint, spent: number] {
  const sorted = items.toSorted((a, b) => (a.random > b.random ? -1 : a.random < b.random ? 1 : 0));
  let [spent, kept] = [0, 0];
  for (const { cost } of sorted) {
    if (spent + cost > budget) break;
    spent += cost;
    kept += 1;
  }
  const rejected = sorted[kept]?.random;
  if (rejected === undefined) return [0n, spent];
  // A threshold cannot part traces with equal random bits.
  while (kept > 0 && sorted[kept - 1]?.random === rejected) spent -= sorted[--kept]?.cost ?? 0;
  return [kept === 0 ? RANDOM_VALUES : rejected + 1n, spent];
}

/** All policies must sample a trace. With the gate, a limit chooses from the traces that the others sample. */
export function and(policies: readonly Policy[]): Start {
  return (run) => {
    const order = run.gate
      ? policies.toSorted((a, b) => Number(a.isLimited) - Number(b.isLimited))
      : policies;
    const decide = order.map((each) => each.start(run));
    return (traces, now) => {
      const largest = new Map<number, bigint>(traces.map((trace) => [trace, 0n]));
      for (const each of decide) {
        const asked = [...largest.keys()];
        for (const [at, threshold] of each(asked, now).entries()) {
          const trace = asked[at] ?? -1;
          if (threshold === undefined) largest.delete(trace);
          else if (threshold > (largest.get(trace) ?? 0n)) largest.set(trace, threshold);
        }
      }
      return traces.map((trace) => largest.get(trace));
    };
  };
}

/** Whether all policies sample a trace, or not. A dropped trace is not kept, so bounds change sides. */
export function all(policies: readonly Policy[], wanted: boolean): Start {
  const start = and(policies);
  return (run) => {
    const decide = start({ ...run, assume: !run.assume });
    return (traces, now) =>
      decide(traces, now).map((threshold) => ((threshold !== undefined) === wanted ? 0n : undefined));
  };
}

/** The first policy that samples a trace decides, as long as its spans of this second allow it. */
export function composite(
  policies: readonly Policy[],
  {
    shares,
    most,
    spans,
  }: { readonly shares: readonly number[]; readonly most: number; readonly spans: number },
): Start {
  return (run) => {
    const decide = policies.map((each) => each.start(run));
    const used = new Array<number>(policies.length).fill(0);
    const begin = Number(run.begin % 1_000_000_000n);
    let second = -1;
    return (traces, now) => {
      const present = Math.floor((begin + now) / 1e9);
      if (present !== second) used.fill(0);
      second = present;
      const first = new Map<number, number>();
      for (const [place, each] of decide.entries()) {
        const asked = traces.filter((trace) => !first.has(trace));
        for (const [at, threshold] of each(asked, now).entries())
          if (threshold !== undefined) first.set(asked[at] ?? -1, place);
      }
      return traces.map((trace) => {
        const place = first.get(trace) ?? -1;
        const sum = (used[place] ?? 0) + Number(run.values[spans]?.[trace]);
        if (place === -1 || sum > (shares[place] ?? 0) || sum > most) return undefined;
        used[place] = sum;
        return 0n;
      });
    };
  };
}
