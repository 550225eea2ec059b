import type { ReadOptions, SpanStore } from '../../store/store.ts';

/** The range of rows to check: nanoseconds since the epoch, `start <= t < end`. */
export interface WeighedRange {
  readonly start: bigint;
  readonly end: bigint;
  /** Name of the dataset; undefined for all. */
  readonly dataset?: string | undefined;
}

/**
 * SQL over table `spans` for the number of events that a row stands for: a DOUBLE, so that sums are not HUGEINT.
 * Undefined when each row of the range is one event: a query without weights takes less time.
 */
export async function readWeight(
  store: Pick<SpanStore, 'read' | 'sampleRate'>,
  { start, end, dataset }: WeighedRange,
  options: ReadOptions = {},
): Promise<string | undefined> {
  const rate = store.sampleRate();
  if (rate === undefined) return undefined;
  const inDataset = dataset === undefined ? '' : ' AND _dataset = $3';
  const { rows } = await store.read(
    `SELECT 1 FROM spans WHERE ${rate.sql} IS NOT NULL AND _time >= $1 AND _time < $2${inDataset} LIMIT 1`,
    [start, end, ...(dataset === undefined ? [] : [dataset])],
    options,
  );
  return rows.length === 0 ? undefined : `coalesce(CAST(${rate.sql} AS DOUBLE), 1)`;
}
