/** Spans that begin, or end, in a bucket. */
export interface ConcurrencyChange {
  readonly bucket: number;
  /** How many of these spans continue after the bucket, or began before it. */
  readonly spans: number;
  /** The sum of the shares of the bucket that these spans cover. */
  readonly cover: number;
}

/**
 * The number of open spans per bucket (Honeycomb's CONCURRENCY). A span counts by the share of the bucket that it covers: the
 * shares of spans that begin or end in the bucket, plus one for each span that is open throughout.
 */
export function concurrencySeries(
  opened: readonly ConcurrencyChange[],
  closed: readonly ConcurrencyChange[],
  buckets: number,
): Map<number, number> {
  const cover = new Float64Array(buckets + 1);
  const change = new Float64Array(buckets + 2);
  for (const { bucket, spans, cover: covered } of opened) {
    cover[bucket] = (cover[bucket] ?? 0) + covered;
    change[bucket + 1] = (change[bucket + 1] ?? 0) + spans;
  }
  for (const { bucket, spans, cover: covered } of closed) {
    cover[bucket] = (cover[bucket] ?? 0) + covered;
    change[bucket] = (change[bucket] ?? 0) - spans;
  }
  const touched = new Set([...opened, ...closed].map((each) => each.bucket));
  const values = new Map<number, number>();
  let open = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    open += change[bucket] ?? 0;
    if (open > 0 || touched.has(bucket)) values.set(bucket, open + (cover[bucket] ?? 0));
  }
  return values;
}
