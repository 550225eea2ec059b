import { TokenBucket } from './token-bucket.ts';
import { RANDOM_VALUES } from './trace-hash.ts';
import type { TraceView } from './trace-view.ts';

interface BudgetOptions {
  readonly costOf: (trace: TraceView) => number;
  readonly random: (trace: TraceView) => bigint;
  readonly gate: boolean;
}

/**
 * rate_limiting and bytes_limiting: what a token bucket allows, trace by trace. With the feature gate, the traces of a tick
 * with the highest random bits that the bucket allows.
 */
export class BudgetPolicy {
  readonly name: string;
  readonly isDrop = false;
  readonly prepare?: (traces: readonly TraceView[], now: number) => void;
  readonly #bucket: TokenBucket;
  readonly #costOf: BudgetOptions['costOf'];
  readonly #random: BudgetOptions['random'];
  #threshold: bigint | undefined;

  constructor(
    name: string,
    { perSecond, burst }: { readonly perSecond: number; readonly burst: number },
    { costOf, random, gate }: BudgetOptions,
  ) {
    this.name = name;
    this.#bucket = new TokenBucket(perSecond, burst);
    this.#costOf = costOf;
    this.#random = random;
    if (gate) this.prepare = (traces, now) => this.#choose(traces, now);
  }

  evaluate(trace: TraceView, now: number): bigint | undefined {
    const cost = this.#costOf(trace);
    if (cost > this.#bucket.burst) return undefined;
    if (this.#threshold === undefined) return this.#bucket.take(cost, now) ? 0n : undefined;
    return this.#threshold <= this.#random(trace) ? this.#threshold : undefined;
  }

  #choose(traces: readonly TraceView[], now: number): void {
    const budget = Math.trunc(this.#bucket.tokensAt(now));
    const items = traces
      .map((trace) => ({ random: this.#random(trace), cost: this.#costOf(trace) }))
      .filter(({ cost }) => cost <= this.#bucket.burst)
      .sort((a, b) => (a.random > b.random ? -1 : a.random < b.random ? 1 : 0));
    let spent = 0;
    let kept = 0;
    for (const { cost } of items) {
      if (spent + cost > budget) break;
      spent += cost;
      kept += 1;
    }
    const rejected = items[kept]?.random;
    // A threshold cannot part traces with equal random bits.
    while (rejected !== undefined && kept > 0 && items[kept - 1]?.random === rejected)
      spent -= items[--kept]?.cost ?? 0;
    this.#threshold = rejected === undefined ? 0n : kept === 0 ? RANDOM_VALUES : rejected + 1n;
    if (spent > 0) this.#bucket.take(spent, now);
  }
}
