/** A route with fewer requests in one of the runs has no comparison. */
export const MIN_REQUESTS = 20;

/** The number of requests of a run, by how often they make a call. Requests without the call do not count. */
export type CallCounts = ReadonlyMap<number, number>;

/**
 * Whether the number of calls per request differs between two runs. For some number of calls, the shares of requests with at
 * least this many calls must differ by a tenth, and by more than the inequality of Dvoretzky, Kiefer, Wolfowitz and Massart
 * leaves to chance. The whole distribution counts: a median or the most frequent number can change between equal runs when
 * pages have other content. 20 requests of each run are enough for 1 → 2.
 * @param requests of each run
 * @param level chance that equal runs differ
 * @param stored requests: a sampled one says no more than any other
 */
export function countsDiffer(
  base: CallCounts,
  head: CallCounts,
  requests: [number, number],
  level: number,
  stored = requests,
): boolean {
  const [before, now] = requests;
  let [difference, furthest] = [0, 0];
  for (const calls of [...new Set([...base.keys(), ...head.keys()])].sort((a, b) => b - a)) {
    difference += (base.get(calls) ?? 0) / before - (head.get(calls) ?? 0) / now;
    furthest = Math.max(furthest, Math.abs(difference));
  }
  const [few, more] = stored;
  const chance = Math.sqrt((Math.log(Math.E / level) * (few + more)) / (2 * few * more));
  return furthest >= Math.max(0.1, chance);
}

/**
 * Whether the share of errors differs between two runs: an exact test of how the errors (or the successes, when these are
 * fewer) divide between the runs.
 * @param requests of each run
 * @param level chance that equal runs differ
 */
export function errorsDiffer(base: number, head: number, requests: [number, number], level: number): boolean {
  const [before, now] = requests;
  if (2 * (base + head) > before + now) return errorsDiffer(before - base, now - head, requests, level);
  let [fewer, more, log] = [0, 0, (base + head) * Math.log(before / (before + now))];
  for (let k = 0; k <= base + head; k++) {
    if (k <= head) fewer += Math.exp(log);
    if (k >= head) more += Math.exp(log);
    log += Math.log((((base + head - k) / (k + 1)) * now) / before);
  }
  return 2 * Math.min(fewer, more) < level;
}

/**
 * The bootstrap interval of a quantile's difference. The quantile of a resample is a value of the sample, and the beta
 * distribution gives the chance of each value (Hutson and Ernst, 2000). So no resample is drawn, and equal runs give equal
 * bytes.
 * @param base sorted durations, as `head`
 * @param share of the durations that are at most the quantile
 * @param level chance that equal runs have an interval without 0
 * @returns undefined for so few durations that the quantile may lie beyond them
 */
export function quantileDifference(
  base: readonly number[],
  head: readonly number[],
  share: number,
  level: number,
): { base: number; head: number; low: number; high: number } | undefined {
  if (share ** Math.min(base.length, head.length) > level / 2) return undefined;
  const [before, now] = [resampled(base, share), resampled(head, share)];
  const [least = 0, most = 0] = [now[0]?.value, now.at(-1)?.value];
  /** Chance that the difference is at most this large. */
  const chance = (difference: number) => {
    let [at, below, sum] = [0, 0, 0];
    for (const { value, weight } of before) {
      for (; (now[at]?.value ?? Infinity) <= value + difference; at++) below += now[at]?.weight ?? 0;
      sum += weight * below;
    }
    return sum;
  };
  /** The differences a little below and above the one with a given chance. */
  const around = (limit: number) => {
    let [low, high] = [least - (before.at(-1)?.value ?? 0) - 1, most + 1];
    for (let step = 0; step < 40; step++) {
      const middle = (low + high) / 2;
      if (chance(middle) >= limit) high = middle;
      else low = middle;
    }
    return { low, high };
  };
  const quantileOf = (values: readonly number[]) => values[Math.ceil(share * values.length) - 1] ?? 0;
  return {
    base: quantileOf(base),
    head: quantileOf(head),
    low: around(level / 2).low,
    high: around(1 - level / 2).high,
  };
}

/** A value, and how many it stands for. */
export interface WeightedValue {
  readonly value: number;
  readonly weight: number;
}

/**
 * As many values as there are weighted ones, at equal shares of the weights.
 * @param weighted in the order of their values
 */
export function atEqualShares(weighted: readonly WeightedValue[]): readonly number[] {
  const sum = weighted.reduce((all, { weight }) => all + weight, 0);
  let [at, passed] = [0, weighted[0]?.weight ?? 0];
  return weighted.map((_, index) => {
    while (passed < (sum * (index + 0.5)) / weighted.length) passed += weighted[++at]?.weight ?? Infinity;
    return weighted[at]?.value ?? 0;
  });
}

/** The likely values of the quantile of a resample, in order. */
function resampled(values: readonly number[], share: number): { value: number; weight: number }[] {
  const rank = Math.ceil(share * values.length);
  const density = (x: number) => (rank - 1) * Math.log(x) + (values.length - rank) * Math.log(1 - x);
  const peak = density((rank - 1) / (values.length - 1));
  const weights = values.map((_, i) => Math.exp(density((i + 0.5) / values.length) - peak));
  const sum = weights.reduce((a, b) => a + b, 0);
  const all = values.map((value, i) => ({ value, weight: (weights[i] ?? 0) / sum }));
  return all.filter(({ weight }) => weight > 1e-15);
}
