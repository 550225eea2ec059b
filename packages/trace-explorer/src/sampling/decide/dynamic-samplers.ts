import type { DynamicSpec } from '../rules/refinery.ts';
import { logSum, rateShares } from './rate-shares.ts';

/** A sampler of dynsampler-go 0.6 on a clock that follows the recording, in milliseconds since the clock's start. */
export interface DynamicSampler {
  /** The rate of a key now. Counts the rows of the trace. */
  rate(key: string, rows: number, now: number): number;
}

/** Makes a sampler. */
export function dynamicSampler(spec: DynamicSpec): DynamicSampler {
  if (spec.type === 'windowedthroughput') return new Windowed(spec);
  return spec.type.startsWith('ema') ? new MovingAverage(spec) : new Interval(spec);
}

/** Calls a function after each interval. Of a long time without traces only the last calls are made, which decide. */
class Ticker {
  readonly #every: number;
  readonly #most: number;
  #next: number;

  constructor(every: number, most: number) {
    this.#every = every;
    this.#most = most;
    this.#next = every;
  }

  /** @returns the number of intervals that ended */
  advance(now: number, tick: (at: number) => void): number {
    const passed = Math.max(0, Math.floor((now - this.#next) / this.#every) + 1);
    for (let at = 0; at < passed; at++) {
      if (at > 0 && at < passed - this.#most) at = passed - this.#most;
      tick(this.#next + at * this.#every);
    }
    this.#next += passed * this.#every;
    return passed;
  }

  restart(now: number): void {
    this.#next = now + this.#every;
  }
}

/** Counts rows by key, up to a number of keys. */
function count(counts: Map<string, number>, key: string, rows: number, mostKeys: number): boolean {
  const isCounted = counts.has(key) || counts.size < mostKeys;
  if (isCounted) counts.set(key, (counts.get(key) ?? 0) + rows);
  return isCounted;
}

function sumOf(counts: Iterable<number>): number {
  return [...counts].reduce((sum, each) => sum + each, 0);
}

/** DynamicSampler and TotalThroughputSampler: rates by the counts of the interval before. */
class Interval implements DynamicSampler {
  readonly #spec: DynamicSpec;
  readonly #ticker: Ticker;
  #counts = new Map<string, number>();
  #rates = new Map<string, number>();
  #hasData = false;

  constructor(spec: DynamicSpec) {
    this.#spec = spec;
    this.#ticker = new Ticker(spec.everyMs, 1);
  }

  rate(key: string, rows: number, now: number): number {
    this.#ticker.advance(now, () => this.#update());
    const { type, goal, mostKeys } = this.#spec;
    count(this.#counts, key, rows, mostKeys);
    if (type === 'dynamic' && !this.#hasData) return goal;
    return this.#rates.get(key) ?? 1;
  }

  #update(): void {
    const { type, goal, everyMs } = this.#spec;
    const counts = this.#counts;
    this.#counts = new Map();
    if (counts.size === 0) this.#rates = new Map();
    else if (type === 'dynamic') {
      this.#rates = rateShares(sumOf(counts.values()) / goal / logSum(counts.values()), counts);
      this.#hasData = true;
    } else this.#rates = evenRates(counts, (goal * everyMs) / 1000);
  }
}

/** Each key gets the same number of events. */
function evenRates(counts: ReadonlyMap<string, number>, goal: number): Map<string, number> {
  const each = goal / counts.size;
  return new Map([...counts].map(([key, rows]) => [key, Math.trunc(Math.max(1, rows / each))]));
}

/** EMADynamicSampler and EMAThroughputSampler: rates by a moving average; a burst ends its interval early. */
class MovingAverage implements DynamicSampler {
  readonly #spec: DynamicSpec;
  readonly #ticker: Ticker;
  readonly #average = new Map<string, number>();
  #counts = new Map<string, number>();
  #rates = new Map<string, number>();
  #hasData = false;
  #intervals = 0;
  #burst = 0;
  #threshold = 0;

  constructor(spec: DynamicSpec) {
    this.#spec = spec;
    this.#ticker = new Ticker(spec.everyMs, 1);
  }

  rate(key: string, rows: number, now: number): number {
    const { type, goal, firstRate, mostKeys, burstDelay } = this.#spec;
    this.#intervals += this.#ticker.advance(now, () => this.#update());
    if (count(this.#counts, key, rows, mostKeys)) this.#burst += rows;
    const rate = this.#hasData ? (this.#rates.get(key) ?? 1) : type === 'emadynamic' ? goal : firstRate;
    if (this.#threshold > 0 && this.#burst >= this.#threshold && this.#intervals >= burstDelay) {
      this.#burst = 0;
      this.#ticker.restart(now);
      this.#update();
    }
    return rate;
  }

  #update(): void {
    const { type, goal, everyMs, burstMultiple } = this.#spec;
    const counts = this.#counts;
    if (counts.size === 0) return;
    this.#counts = new Map();
    this.#burst = 0;
    this.#mix(counts);
    const least = [...this.#average.values()].map((each) => Math.max(1, each));
    const sum = sumOf(least);
    this.#threshold = sum * burstMultiple;
    const events = type === 'emadynamic' ? sum / goal : (goal * everyMs) / 1000;
    this.#rates = rateShares(events / logSum(least), this.#average);
    this.#hasData = true;
  }

  #mix(counts: Map<string, number>): void {
    const { weight, ageOut } = this.#spec;
    for (const key of new Set([...this.#average.keys(), ...counts.keys()])) {
      const next = weight * (counts.get(key) ?? 0) + (1 - weight) * (this.#average.get(key) ?? 0);
      if (next < ageOut) this.#average.delete(key);
      else this.#average.set(key, next);
    }
  }
}

/** WindowedThroughputSampler: rates by the counts of the last seconds. */
class Windowed implements DynamicSampler {
  readonly #spec: DynamicSpec;
  readonly #ticker: Ticker;
  /** Counts by the number of their interval, the newest last. */
  #blocks: { readonly index: number; readonly counts: Map<string, number> }[] = [];
  readonly #keys = new Map<string, number>();
  #rates = new Map<string, number>();

  constructor(spec: DynamicSpec) {
    this.#spec = spec;
    this.#ticker = new Ticker(spec.everyMs, spec.lookbackMs / spec.everyMs + 2);
  }

  rate(key: string, rows: number, now: number): number {
    this.#ticker.advance(now, (at) => this.#update(at));
    // Once there are as many keys as allowed, also the known ones are refused.
    if (this.#keys.size >= this.#spec.mostKeys) return 1;
    const index = this.#indexAt(now);
    this.#keys.set(key, index);
    if (this.#blocks.at(-1)?.index !== index) this.#blocks.push({ index, counts: new Map() });
    const counts = this.#blocks.at(-1)?.counts ?? new Map<string, number>();
    counts.set(key, (counts.get(key) ?? 0) + rows);
    return Math.max(1, this.#rates.get(key) ?? 0);
  }

  #update(at: number): void {
    const { goal, everyMs, lookbackMs } = this.#spec;
    const last = this.#indexAt(at) - 1;
    const first = last - lookbackMs / everyMs;
    this.#blocks = this.#blocks.filter(({ index }) => index > first);
    for (const [key, index] of this.#keys) if (index <= first) this.#keys.delete(key);
    const sums = new Map<string, number>();
    for (const { index, counts } of this.#blocks)
      if (index <= last) for (const [key, rows] of counts) sums.set(key, (sums.get(key) ?? 0) + rows);
    this.#rates = sums.size === 0 ? new Map() : evenRates(sums, (goal * lookbackMs) / 1000);
  }

  #indexAt(now: number): number {
    return Math.floor(now / this.#spec.everyMs);
  }
}
