import { DEFAULT_TIME_RANGE } from '../parse/limits.ts';
import { invalid } from '../parse/query-error.ts';
import type { QuerySpec } from '../parse/query-spec.ts';

/** The time a query covers, `start <= t < end`, and its buckets; all in whole seconds since the epoch. */
export interface TimeWindow {
  readonly start: number;
  readonly end: number;
  /** Seconds per bucket. */
  readonly granularity: number;
  /** Start of the first bucket: a multiple of granularity, at or before start. */
  readonly firstBucket: number;
}

/** Bucket widths that are easy to read, in seconds. */
export const STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800,
  604_800, 2_592_000, 31_536_000,
];
/** Most buckets of a series without a granularity: two hours have 120 buckets of a minute, a day has 144 of ten minutes. */
const DEFAULT_MAX_BUCKETS = 180;
/** Honeycomb's bound on the buckets of a series. */
const MAX_BUCKETS = 1000;

/**
 * Resolves the times of a specification: absolute, relative to one end, or up to now. Honeycomb cuts the window to whole
 * minutes. Here the window ends now, so that the newest spans belong to the answer.
 * @throws QueryError when granularity lies outside range/1000 … range
 */
export function resolveTimeWindow(spec: QuerySpec, nowMs: number): TimeWindow {
  const range = spec.time_range ?? DEFAULT_TIME_RANGE;
  const now = Math.floor(nowMs / 1000) + 1;
  const end = spec.end_time ?? (spec.start_time === undefined ? now : spec.start_time + range);
  const start = Math.max(0, spec.start_time ?? end - range);
  return windowOf(start, end, chooseGranularity(end - start, spec.granularity));
}

/** The window of a comparison: the same length and granularity, offset seconds earlier. */
export function shiftWindow(window: TimeWindow, offset: number): TimeWindow {
  const start = Math.max(0, window.start - offset);
  return windowOf(start, Math.max(0, window.end - offset), window.granularity);
}

function chooseGranularity(length: number, wanted: number | undefined): number {
  if (wanted !== undefined && (wanted < length / MAX_BUCKETS || wanted > Math.max(1, length))) {
    throw invalid(
      'granularity',
      `must be from ${Math.max(1, Math.ceil(length / MAX_BUCKETS))} to ${Math.max(1, length)} for a time range of ${length} seconds`,
    );
  }
  if (wanted !== undefined) return wanted;
  return (
    STEPS.find((step) => length / step <= DEFAULT_MAX_BUCKETS) ?? Math.ceil(length / DEFAULT_MAX_BUCKETS)
  );
}

function windowOf(start: number, end: number, granularity: number): TimeWindow {
  return { start, end, granularity, firstBucket: Math.floor(start / granularity) * granularity };
}
