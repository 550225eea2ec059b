import type { TimeRange } from '../shared/time-range.ts';
import { nanosecondsOf } from '../shared/time-range.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';

/** The range of equal length before a range; undefined unless the store goes back to its begin. */
export async function rangeBefore(
  store: SpanStore,
  { startTime, endTime }: TimeRange,
  options: ReadOptions,
): Promise<TimeRange | undefined> {
  const begin = startTime - (endTime - startTime);
  const { rows } = await store.read('SELECT min(_time) FROM spans', [], options);
  const oldest = rows[0]?.[0];
  const isStored = typeof oldest === 'bigint' || typeof oldest === 'number';
  return isStored && begin > 0 && BigInt(oldest) <= nanosecondsOf(begin)
    ? { startTime: begin, endTime: startTime }
    : undefined;
}
