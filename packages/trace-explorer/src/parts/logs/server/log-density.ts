import { logColumns } from '../../../core/logs/log-columns.ts';
import type { LogFilter } from '../../../core/logs/log-filter.ts';
import { logConditions } from '../../../core/logs/log-filter.ts';
import type { LogDensity } from '../../../core/logs/schemas.ts';
import { STEPS } from '../../../core/query/compile/time-window.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { nanosecondsOf } from '../../../lib/time/time-range.ts';

/** Most buckets of the chart. More buckets would be too narrow to point at. */
const MAX_BUCKETS = 120;
const BUCKET_SECONDS = [0.001, 0.01, 0.1, 0.5, ...STEPS];

/**
 * Counts the matching log records over time: without times in the filter, all of them. SQL, as a query has no bucket below a
 * second, and no search in several fields. @throws UNKNOWN_FIELD
 */
export async function readLogDensity(
  store: SpanStore,
  filter: LogFilter,
  options: ReadOptions = {},
): Promise<LogDensity> {
  const values: unknown[] = [];
  const conditions = logConditions(store, filter, (value) => `$${values.push(value)}`).join(' AND ');
  const range = await rangeOf(store, filter, conditions, values, options);
  const seconds =
    BUCKET_SECONDS.find((each) => range.seconds / each <= MAX_BUCKETS - 1) ?? Math.max(...STEPS);
  const size = BigInt(Math.round(seconds * 1e9));
  const first = range.from / size;
  const count = Number((range.to - 1n) / size - first) + 1;
  const { rows } = await store.read(
    `SELECT (_time // ${size}) - ${first}, coalesce(${logColumns(store).severity}, 'unspecified'), count(*)
    FROM spans WHERE ${conditions} AND _time >= ${range.from} AND _time < ${range.to} GROUP BY 1, 2`,
    values,
    options,
  );
  const levels: { [level: string]: number[] } = {};
  let total = 0;
  for (const [bucket, level, found] of rows) {
    levels[String(level)] ??= new Array<number>(count).fill(0);
    const counts = levels[String(level)];
    if (counts !== undefined) counts[Number(bucket)] = Number(found);
    total += Number(found);
  }
  const secondsOf = (buckets: bigint) => Number(buckets * size) / 1e9;
  return {
    start_time: secondsOf(first),
    end_time: secondsOf(first + BigInt(count)),
    bucket_seconds: seconds,
    total,
    levels,
  };
}

/** The range in nanoseconds since the epoch; the end is excluded. */
async function rangeOf(
  store: SpanStore,
  { start_time, end_time }: LogFilter,
  conditions: string,
  values: readonly unknown[],
  options: ReadOptions,
): Promise<{ from: bigint; to: bigint; seconds: number }> {
  let [from, to] = [start_time, end_time].map((given) =>
    given === undefined ? undefined : nanosecondsOf(given),
  );
  if (from === undefined || to === undefined) {
    const { rows } = await store.read(
      `SELECT min(_time), max(_time) FROM spans WHERE ${conditions}`,
      values,
      options,
    );
    const [first, last] = rows[0] ?? [];
    from ??= BigInt((first as bigint | number | null) ?? 0);
    to ??= BigInt((last as bigint | number | null) ?? 0) + 1n;
  }
  if (to <= from) to = from + 1n;
  return { from, to, seconds: Number(to - from) / 1e9 };
}
