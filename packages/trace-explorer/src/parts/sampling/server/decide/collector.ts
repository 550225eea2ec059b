import type { Decide, Deciding } from './decisions.ts';
import {
  largestHash,
  RANDOM_VALUES,
  randomBits,
  rateOf,
  samplingOf,
  thresholdOf,
  traceHash,
} from './trace-hash.ts';

/** A policy of tail_sampling 0.161 in a run. */
interface Evaluator {
  /** With the gate: sees all traces of a second before they are evaluated. */
  prepare?(traces: readonly number[], now: number): void;
  /**
   * @param now nanoseconds since the traffic's begin
   * @returns the threshold of a trace that is sampled (0n of a class that is kept whole), undefined for any other
   */
  evaluate(trace: number, now: number): bigint | undefined;
}

/** Begins a policy, with counts of nothing. */
export type Start = (run: Deciding) => Evaluator;

/** A policy of a rules file. */
export interface Policy {
  readonly name: string;
  readonly type: string;
  readonly start: Start;
}

/** All policies of a Collector: the first one that samples a trace names the decision, the least threshold is its weight. */
export function tailSampling(policies: readonly Policy[], onFirstMatch: boolean, run: Deciding): Decide {
  const started = policies.map(({ name, type, start }) => ({ name, type, ...start(run) }));
  const drops = started.filter(({ type }) => type === 'drop');
  const others = started.filter(({ type }) => type !== 'drop');
  const decide = (trace: number, now: number) => {
    let rule = '';
    let least: bigint | undefined;
    for (const { name, evaluate } of others) {
      const threshold = evaluate(trace, now);
      if (threshold === undefined) continue;
      if (least === undefined) rule = name;
      if (least === undefined || threshold < least) least = threshold;
      if (onFirstMatch) break;
    }
    if (least === undefined) return { kept: 0, rate: 1, rule };
    return { kept: 1, rate: run.gate ? rateOf(least) : 1, rule };
  };
  return (traces, now) => {
    const dropping = traces.map((trace) => drops.find(({ evaluate }) => evaluate(trace, now) !== undefined));
    const left = traces.filter((_, at) => dropping[at] === undefined);
    if (run.gate) for (const { prepare } of others) prepare?.(left, now);
    return traces.map((trace, at) => {
      const drop = dropping[at];
      return drop === undefined ? decide(trace, now) : { kept: 0, rate: 1, rule: drop.name };
    });
  };
}

/** Keeps the traces with a value that is true. */
export function when(value: number): Start {
  return ({ values }) => ({ evaluate: (trace) => (values[value]?.[trace] === true ? 0n : undefined) });
}

/** A policy that is not modelled: all, or nothing. */
export function assumed({ assume }: Deciding): Evaluator {
  return { evaluate: () => (assume ? 0n : undefined) };
}

/** A share of the traces, by a hash of their ids; with the gate by their random bits, where trace states have a threshold. */
export function probabilistic(percentage: number, salt: string, state: number): Start {
  const ratio = percentage / 100;
  const [hash, largest, threshold] = [traceHash(salt), largestHash(ratio), thresholdOf(ratio)];
  return ({ gate, traceIds, values }) => ({
    evaluate(trace) {
      const id = traceIds[trace] ?? '';
      const { random, sampled } = samplingOf(gate ? values[state]?.[trace] : '');
      const isKept = sampled ? threshold <= (random ?? randomBits(id)) : hash(id) <= largest;
      return isKept ? threshold : undefined;
    },
  });
}

/**
 * rate_limiting and bytes_limiting: a token bucket, trace by trace, as golang.org/x/time/rate has it. It is full at
 * first, and filled again by the time that passes. With the gate: of the traces of a second the ones with the highest random bits
 * that the bucket allows; but not within a composite, drop or not policy.
 */
export function limited(perSecond: number, burst: number, cost: number, state: number): Start {
  return ({ traceIds, values }) => {
    let [tokens, last] = [burst, 0];
    let threshold: bigint | undefined;
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
    return {
      prepare(traces, now) {
        const items = traces.map((trace) => ({ random: randomOf(trace), cost: costOf(trace) }));
        const fitting = items.filter((item) => item.cost <= burst);
        const [limit, spent] = thresholdFor(fitting, Math.trunc(tokensAt(now)));
        threshold = limit;
        if (spent > 0) take(spent, now);
      },
      evaluate(trace, now) {
        const wanted = costOf(trace);
        if (threshold === undefined) return take(wanted, now);
        return wanted <= burst && threshold <= randomOf(trace) ? threshold : undefined;
      },
    };
  };
}

/** The threshold behind the first trace that a budget does not allow, and the cost of the traces above it. */
function thresholdFor(
  items: readonly { readonly random: bigint; readonly cost: number }[],
  budget: number,
): [threshold: bigint, spent: number] {
  const sorted = items.toSorted((a, b) => (a.random > b.random ? -1 : a.random < b.random ? 1 : 0));
  let [spent, count] = [0, 0];
  for (const { cost } of sorted) {
    if (spent + cost > budget) break;
    spent += cost;
    count += 1;
  }
  const rejected = sorted[count]?.random;
  if (rejected === undefined) return [0n, spent];
  // A threshold cannot part traces with equal random bits.
  while (count > 0 && sorted[count - 1]?.random === rejected) spent -= sorted[--count]?.cost ?? 0;
  return [count === 0 ? RANDOM_VALUES : rejected + 1n, spent];
}

/** All policies must sample a trace. With the gate, a limit chooses from the traces that the others sample. */
export function and(policies: readonly Policy[]): Start {
  return (run) => {
    const started = policies.map(({ start }) => start(run));
    return {
      prepare(traces, now) {
        const filters = started.filter(({ prepare }) => prepare === undefined);
        if (filters.length === started.length) return;
        const candidates = traces.filter((trace) =>
          filters.every(({ evaluate }) => evaluate(trace, now) !== undefined),
        );
        for (const { prepare } of started) prepare?.(candidates, now);
      },
      evaluate(trace, now) {
        let largest = 0n;
        for (const { evaluate } of started) {
          const threshold = evaluate(trace, now);
          if (threshold === undefined) return undefined;
          if (threshold > largest) largest = threshold;
        }
        return largest;
      },
    };
  };
}

/** Whether all policies sample a trace, or not. A dropped trace is not kept, so bounds change sides. */
export function all(policies: readonly Policy[], wanted: boolean): Start {
  return (run) => {
    const { evaluate } = and(policies)({ ...run, assume: !run.assume });
    return {
      evaluate: (trace, now) => ((evaluate(trace, now) !== undefined) === wanted ? 0n : undefined),
    };
  };
}

/**
 * The first policy that samples a trace decides, as long as its share of spans in this second allows it, and the share of all.
 * @param spans the index of a trace's spans among the values
 */
export function composite(
  policies: readonly Policy[],
  shares: readonly number[],
  most: number,
  spans: number,
): Start {
  return (run) => {
    const started = policies.map(({ start }) => start(run));
    const used = new Array<number>(policies.length).fill(0);
    const begin = Number(run.begin % 1_000_000_000n);
    let second = -1;
    return {
      evaluate(trace, now) {
        const present = Math.floor((begin + now) / 1e9);
        if (present !== second) used.fill(0);
        second = present;
        const place = started.findIndex(({ evaluate }) => evaluate(trace, now) !== undefined);
        const sum = (used[place] ?? 0) + Number(run.values[spans]?.[trace]);
        if (place === -1 || sum > (shares[place] ?? 0) || sum > most) return undefined;
        used[place] = sum;
        return 0n;
      },
    };
  };
}
