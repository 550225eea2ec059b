import type { Place } from '../../../places/place.ts';

/** A stretch of time: so many seconds up to now, or from when to when, in seconds since the epoch. */
export type Range = number | { readonly start_time: number; readonly end_time: number };

/** How long it is. */
export function secondsOf(range: Range): number {
  return typeof range === 'number' ? range : range.end_time - range.start_time;
}

/** The times of a query. */
export function timesOf(range: Range) {
  return typeof range === 'number' ? { time_range: range } : range;
}

/** The params of a list of traces. */
export function listTimes(range: Range): Place['params'] {
  if (typeof range === 'number') return { last: String(range) };
  return { start_time: String(range.start_time), end_time: String(range.end_time) };
}
