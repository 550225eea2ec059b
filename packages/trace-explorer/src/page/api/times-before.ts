import type { Range } from '../../core/places/range.ts';
import { secondsOf } from '../../core/places/shown-range.ts';
import { SPANS } from '../../core/query/build/scope.ts';
import { sendQuery } from './send-query.ts';

/** The times of equal length before a range, in seconds; undefined unless the store goes back to their beginning. */
export async function timesBefore(
  range: Range,
  signal: AbortSignal,
): Promise<{ start_time: number; end_time: number } | undefined> {
  const seconds = secondsOf(range);
  const end_time = typeof range === 'number' ? Math.floor(Date.now() / 1000) - seconds : range.start_time;
  const start_time = end_time - seconds;
  const older = { calculations: [{ op: 'COUNT', name: 'count' } as const], filters: [SPANS] };
  const { results } = await sendQuery(
    '__all__',
    { ...older, start_time: 0, end_time: start_time },
    { series: false, signal },
  );
  return Number(results[0]?.data.count ?? 0) > 0 ? { start_time, end_time } : undefined;
}
