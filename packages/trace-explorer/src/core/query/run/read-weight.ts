import type { TimeInterval } from '../../../lib/time/time-range.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import { ALL_DATASETS } from '../parse/all-datasets.ts';

/**
 * SQL over table `spans` for the number of events that a row stands for: a DOUBLE, so that sums are not HUGEINT.
 * Undefined when each row of the range is one event: a query without weights takes less time.
 */
export async function readWeight(
  store: Pick<SpanStore, 'read' | 'sampleRate'>,
  { start, end }: TimeInterval,
  limits: ReadOptions = {},
  dataset = ALL_DATASETS,
): Promise<string | undefined> {
  const rate = store.sampleRate();
  if (rate === undefined) return undefined;
  const [inDataset, values] = dataset === ALL_DATASETS ? ['', []] : [' AND _dataset = $3', [dataset]];
  const { rows } = await store.read(
    `SELECT 1 FROM spans WHERE ${rate.sql} IS NOT NULL AND _time >= $1 AND _time < $2${inDataset} LIMIT 1`,
    [start, end, ...values],
    limits,
  );
  return rows.length === 0 ? undefined : `coalesce(CAST(${rate.sql} AS DOUBLE), 1)`;
}
