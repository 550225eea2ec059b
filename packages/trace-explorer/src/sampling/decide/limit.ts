import type { Decide, TraceView } from './policies.ts';
import { RANDOM_VALUES } from './trace-hash.ts';

/** A limit per second, and how much of it may gather. */
export interface Limit {
  readonly perSecond: number;
  readonly burst: number;
}

/**
 * What a token bucket allows, trace by trace, as golang.org/x/time/rate has it: full at first, and filled again by the time
 * that passes. With random bits: of the traces of a second those with the highest ones that the bucket allows.
 */
export function limited(
  { perSecond, burst }: Limit,
  costOf: (trace: TraceView) => number,
  randomOf?: (trace: TraceView) => bigint,
): Decide {
  let [tokens, last] = [burst, 0];
  const tokensAt = (now: number) => Math.min(burst, tokens + ((now - last) / 1e9) * perSecond);
  const take = (cost: number, now: number) => {
    const left = tokensAt(now) - cost;
    if (cost > burst || left < 0) return undefined;
    [tokens, last] = [left, now];
    return 0n;
  };
  if (randomOf === undefined) return (traces, now) => traces.map((trace) => take(costOf(trace), now));
  return (traces, now) => {
    const items = traces.map((trace) => ({ random: randomOf(trace), cost: costOf(trace) }));
    const [threshold, spent] = thresholdFor(
      items.filter(({ cost }) => cost <= burst),
      Math.trunc(tokensAt(now)),
    );
    if (spent > 0) take(spent, now);
    return items.map(({ random, cost }) => (cost <= burst && threshold <= random ? threshold : undefined));
  };
}

/** The threshold behind the first trace that a budget does not allow, and what the traces above it cost. */
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
