import type { Place } from '../../../places/place.ts';

/** A time range: a number of seconds before now, or a start and an end in seconds since the epoch. */
export type Range = number | { readonly start_time: number; readonly end_time: number };

/** Length of a range in seconds. */
export function secondsOf(range: Range): number {
  return typeof range === 'number' ? range : range.end_time - range.start_time;
}

/** The range as the times of a query. */
export function timesOf(range: Range) {
  return typeof range === 'number' ? { time_range: range } : range;
}

/** The range as params of a list of traces. */
export function listTimes(range: Range): Place['params'] {
  if (typeof range === 'number') return { last: String(range) };
  return { start_time: String(range.start_time), end_time: String(range.end_time) };
}
