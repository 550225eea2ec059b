import type { Static } from 'typebox';
import { nanosecondsOf } from '../shared/time-range.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';
import { logColumns } from './log-columns.ts';
import type { LogFilter } from './log-filter.ts';
import { logConditions } from './log-filter.ts';
import type { Density } from './schemas.ts';

/** How many log records there were over time, by level. */
export type LogDensity = Static<typeof Density>;

/** More would be narrower than what can be pointed at. */
const MAX_BUCKETS = 120;
/** Lengths that a person can name, seconds. */
const BUCKET_SECONDS = [
  0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400, 604_800,
];
const LONGEST = 31_536_000;

/** Counts the log records that fit. Without times in the filter: from the first of them to the last. @throws UNKNOWN_FIELD */
export async function readLogDensity(
  store: SpanStore,
  filter: LogFilter,
  options: ReadOptions = {},
): Promise<LogDensity> {
  const values: unknown[] = [];
  const conditions = logConditions(store, filter, (value) => `$${values.push(value)}`).join(' AND ');
  const range = await rangeOf(store, filter, conditions, values, options);
  const seconds = BUCKET_SECONDS.find((each) => range.seconds / each <= MAX_BUCKETS - 1) ?? LONGEST;
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

/** Nanoseconds since the epoch, the end not included. */
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
