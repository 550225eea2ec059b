/** How many events each side has. */
export interface SideCounts {
  readonly selection: number;
  readonly baseline: number;
}

/** Share of the selection minus share of the baseline; an empty side has no shares. */
function shareDifference(bucket: SideCounts, totals: SideCounts): number {
  return bucket.selection / Math.max(1, totals.selection) - bucket.baseline / Math.max(1, totals.baseline);
}

/**
 * How far apart the sides are in a field of single values, 0 … 1: the largest difference in the share of one value. Unique ids
 * get a low score, although the sides share no value.
 */
export function valuesDifference(buckets: readonly SideCounts[], totals: SideCounts): number {
  return atMostOne(Math.max(0, ...buckets.map((bucket) => Math.abs(shareDifference(bucket, totals)))));
}

/** How far apart the sides are in a numeric field, 0 … 1: the Kolmogorov–Smirnov distance over its ranges. */
export function rangesDifference(buckets: readonly SideCounts[], totals: SideCounts): number {
  let sum = 0;
  let largest = 0;
  for (const bucket of buckets) {
    sum += shareDifference(bucket, totals);
    largest = Math.max(largest, Math.abs(sum));
  }
  return atMostOne(largest);
}

/** Events may arrive between the statement that counts all events and the statements that count values. */
function atMostOne(difference: number): number {
  return Math.min(1, difference);
}
