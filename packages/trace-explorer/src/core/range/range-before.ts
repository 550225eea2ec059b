import type { TimeInterval } from '../../lib/time/time-range.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';

/** The interval of equal length before one; undefined unless the store goes back to its begin. */
export async function rangeBefore(
  store: SpanStore,
  { start, end }: TimeInterval,
  options: ReadOptions,
): Promise<TimeInterval | undefined> {
  const begin = start - (end - start);
  const oldest = await oldestTime(store, options);
  return oldest !== undefined && begin > 0n && oldest <= begin ? { start: begin, end: start } : undefined;
}

/** When the first stored span or log record began, in nanoseconds since the epoch, whenever it arrived; undefined without any. */
export async function oldestTime(store: SpanStore, options: ReadOptions): Promise<bigint | undefined> {
  const { rows } = await store.read('SELECT min(_time) FROM spans', [], options);
  const oldest = rows[0]?.[0];
  return typeof oldest === 'bigint' || typeof oldest === 'number' ? BigInt(oldest) : undefined;
}
