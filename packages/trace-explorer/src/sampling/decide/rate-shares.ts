/**
 * The rate of each key, as dynsampler-go shares a goal between keys by the logarithm of their counts. What a rare key does not
 * use goes to the keys after it, in alphabetical order.
 */
export function rateShares(goal: number, counts: ReadonlyMap<string, number>): Map<string, number> {
  const keys = [...counts.keys()].sort();
  const rates = new Map<string, number>();
  let left = keys.length;
  let extra = 0;
  for (const key of keys) {
    const count = Math.max(1, counts.get(key) ?? 0);
    const share = extra / left;
    const own = Math.max(1, log10(count) * goal) + share;
    extra -= share;
    left -= 1;
    if (count <= own) {
      rates.set(key, 1);
      extra += own - count;
      continue;
    }
    const rate = Math.ceil(count / own);
    rates.set(key, Number.isNaN(rate) ? 1 : rate);
    extra += own - count / (rates.get(key) ?? 1);
  }
  return rates;
}

/** The sum of the logarithms of some counts. */
export function logSum(counts: Iterable<number>): number {
  let sum = 0;
  for (const count of counts) sum += log10(count);
  return sum;
}

/** As Go's math.Log10 counts: the last binary digit decides where a rate is rounded up. */
function log10(value: number): number {
  return Math.log(value) * Math.LOG10E;
}
