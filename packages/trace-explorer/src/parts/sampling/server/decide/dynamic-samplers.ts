import { getOrMake } from '../../../../lib/get-or-make.ts';

/** The settings of a sampler that counts traces by a key. */
export interface DynamicSpec {
  readonly type: 'dynamic' | 'emadynamic' | 'emathroughput' | 'windowedthroughput' | 'totalthroughput';
  /** The rate or the events per second to reach. */
  readonly goal: number;
  readonly fields: readonly string[];
  readonly everyMs: number;
  /** Intervals whose counts decide. */
  readonly intervals: number;
  readonly mostKeys: number;
  /** The rate of all keys before anything was counted. */
  readonly firstRate: number;
  readonly weight: number;
  readonly ageOut: number;
  readonly burstMultiple: number;
  readonly burstDelay: number;
}

/** The rate of a key now, in milliseconds since the clock's start. Counts the rows of the trace. */
export type RateOf = (key: string, rows: number, now: number) => number;

type Counts = Map<string, number>;

/** A sampler of dynsampler-go 0.6 on a clock that follows the recording. */
export function dynamicSampler(spec: DynamicSpec): RateOf {
  return spec.type.startsWith('ema') ? movingAverage(spec) : pastIntervals(spec);
}

/** DynamicSampler, TotalThroughputSampler and WindowedThroughputSampler: rates by the counts of the intervals before. */
function pastIntervals({ type, goal, everyMs, intervals, mostKeys, firstRate }: DynamicSpec): RateOf {
  const isWindowed = type === 'windowedthroughput';
  const counts = new Map<number, Counts>();
  let known = new Set<string>();
  let present = 0;
  let rates: Counts | undefined;
  return (key, rows, now) => {
    const interval = Math.floor(now / everyMs);
    if (interval > present) {
      present = interval;
      const hasCounted = rates !== undefined || counts.size > 0;
      const sums: Counts = new Map();
      for (const [at, own] of counts)
        if (at < interval - intervals) counts.delete(at);
        else for (const [name, count] of own) add(sums, name, count);
      known = new Set(isWindowed ? sums.keys() : []);
      if (hasCounted)
        rates =
          type === 'dynamic'
            ? rateShares(sum(sums.values()) / goal / logSum(sums.values()), sums)
            : evenRates(sums, (goal * intervals * everyMs) / 1000);
    }
    // Once there are as many keys as allowed, WindowedThroughputSampler refuses also the known ones.
    const isFull = known.size >= mostKeys;
    if (isFull && isWindowed) return 1;
    if (!isFull || known.has(key)) {
      known.add(key);
      add(
        getOrMake(counts, interval, () => new Map()),
        key,
        rows,
      );
    }
    return rates === undefined ? firstRate : (rates.get(key) ?? 1);
  };
}

/** EMADynamicSampler and EMAThroughputSampler: rates by a moving average; a burst ends its interval early. */
function movingAverage(spec: DynamicSpec): RateOf {
  const { type, goal, everyMs, mostKeys, firstRate, weight, ageOut, burstMultiple, burstDelay } = spec;
  const average: Counts = new Map();
  let counts: Counts = new Map();
  let rates: Counts | undefined;
  let [begin, passed, burst, threshold] = [0, 0, 0, 0];
  const update = () => {
    if (counts.size === 0) return;
    for (const key of new Set([...average.keys(), ...counts.keys()])) {
      const next = weight * (counts.get(key) ?? 0) + (1 - weight) * (average.get(key) ?? 0);
      if (next < ageOut) average.delete(key);
      else average.set(key, next);
    }
    [counts, burst] = [new Map(), 0];
    const least = [...average.values()].map((count) => Math.max(1, count));
    threshold = sum(least) * burstMultiple;
    const events = type === 'emadynamic' ? sum(least) / goal : (goal * everyMs) / 1000;
    rates = rateShares(events / logSum(least), average);
  };
  return (key, rows, now) => {
    const ended = Math.floor((now - begin) / everyMs);
    if (ended > 0) {
      begin += ended * everyMs;
      passed += ended;
      update();
    }
    if (counts.has(key) || counts.size < mostKeys) {
      add(counts, key, rows);
      burst += rows;
    }
    const rate = rates === undefined ? firstRate : (rates.get(key) ?? 1);
    if (threshold > 0 && burst >= threshold && passed >= burstDelay) {
      [begin, burst] = [now, 0];
      update();
    }
    return rate;
  };
}

/** Each key gets the same number of events. */
function evenRates(counts: Counts, goal: number): Counts {
  const share = goal / counts.size;
  return new Map([...counts].map(([key, rows]) => [key, Math.trunc(Math.max(1, rows / share))]));
}

/**
 * The rate of each key, as dynsampler-go shares a goal between keys by the logarithm of their counts. What a rare key does not
 * use goes to the keys after it, in alphabetical order.
 */
function rateShares(goal: number, counts: Counts): Counts {
  const rates: Counts = new Map();
  let [left, extra] = [counts.size, 0];
  for (const key of [...counts.keys()].sort()) {
    const count = Math.max(1, counts.get(key) ?? 0);
    const share = extra / left;
    const own = Math.max(1, log10(count) * goal) + share;
    const rate = count <= own ? 1 : Math.ceil(count / own) || 1;
    rates.set(key, rate);
    left -= 1;
    extra = extra - share + (own - count / rate);
  }
  return rates;
}

function add(counts: Counts, key: string, rows: number): void {
  counts.set(key, (counts.get(key) ?? 0) + rows);
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}

/** The sum of the logarithms of some counts. */
function logSum(counts: Iterable<number>): number {
  return sum([...counts].map(log10));
}

/** As Go's math.Log10 counts: the last binary digit decides where a rate is rounded up. */
function log10(value: number): number {
  return Math.log(value) * Math.LOG10E;
}
