import type { Place, ViewName } from './place.ts';
import { definedParams } from './place.ts';

/** A time range: a number of seconds before now, or a start and an end in seconds since the epoch. */
export type Range = number | Stretch;
export interface Stretch {
  readonly start_time: number;
  readonly end_time: number;
}

/** Seconds of the overview and of the map, when the place has no range. */
export const USUAL_SECONDS = 3600;
/** Views that always have a range. The lists show any time when the place has no range. */
const ALWAYS: readonly ViewName[] = ['overview', 'map', 'verify', 'service', 'cause', 'sampling'];
/** Views that share one range. */
const SHARING: readonly ViewName[] = [...ALWAYS, 'traces', 'logs'];

/** Whether a view shows the shared time range. */
export function sharesRange(view: ViewName): boolean {
  return SHARING.includes(view);
}

/** The time range that a place shows; undefined for any time. */
export function shownRange({ view, params }: Pick<Place, 'view' | 'params'>): Range | undefined {
  return shownStretch(params) ?? shownSeconds(params) ?? (ALWAYS.includes(view) ? USUAL_SECONDS : undefined);
}

/** The stretch between two moments in a place's params. */
export function shownStretch(params: Place['params']): Stretch | undefined {
  const [start_time, end_time] = [
    Number(params.start ?? params.start_time),
    Number(params.end ?? params.end_time),
  ];
  return start_time > 0 && end_time > start_time && end_time < 9e9 ? { start_time, end_time } : undefined;
}

/** Seconds before now in a place's params. */
export function shownSeconds(params: Place['params']): number | undefined {
  const seconds = Number(params.last);
  return seconds > 0 && seconds < 9e9 ? seconds : undefined;
}

/** Changes of a view's params, so that it shows a range. The list of traces has the names of its API. */
export function rangeParams(view: ViewName, range: Range | undefined): Record<string, string | undefined> {
  const last = typeof range !== 'number' ? undefined : String(range);
  const isUsual = range === USUAL_SECONDS && ALWAYS.includes(view);
  const [start, end] = typeof range === 'object' ? [String(range.start_time), String(range.end_time)] : [];
  const stretch = view === 'traces' ? { start_time: start, end_time: end } : { start, end };
  return { last: isUsual ? undefined : last, ...stretch };
}

/** The place of a view with a range, and with further params. */
export function rangePlace(view: ViewName, range: Range | undefined, params: Place['params'] = {}): Place {
  return { view, params: { ...params, ...definedParams(rangeParams(view, range)) } };
}

/** Length of a range in seconds. */
export function secondsOf(range: Range): number {
  return typeof range === 'number' ? range : range.end_time - range.start_time;
}

/** The range as the times of a query, and of the API. */
export function timesOf(range: Range) {
  return typeof range === 'number' ? { time_range: range } : range;
}
