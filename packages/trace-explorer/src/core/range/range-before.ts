import type { TimeInterval } from '../shared/time-range.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';

/** The interval of equal length before one; undefined unless the store goes back to its begin. */
export async function rangeBefore(
  store: SpanStore,
  { start, end }: TimeInterval,
  options: ReadOptions,
): Promise<TimeInterval | undefined> {
  const begin = start - (end - start);
  const { rows } = await store.read('SELECT min(_time) FROM spans', [], options);
  const oldest = rows[0]?.[0];
  const isStored = typeof oldest === 'bigint' || typeof oldest === 'number';
  return isStored && begin > 0n && BigInt(oldest) <= begin ? { start: begin, end: start } : undefined;
}
