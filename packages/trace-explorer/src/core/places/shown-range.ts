import { searchOf } from '../../lib/text/search-of.ts';
import type { Place } from './place.ts';
import { definedParams } from './place.ts';
import type { Moments, Range } from './range.ts';
import type { ViewName } from './views.ts';
import { factsOf } from './views.ts';

/** Seconds of the overview and of the map, when the place has no range. */
export const USUAL_SECONDS = 3600;

/** Whether a view shows the shared time range. */
export function sharesRange(view: ViewName): boolean {
  return factsOf(view)?.range !== undefined;
}

/** Whether a view always has a range. The lists show any time when the place has no range. */
function hasAlways(view: ViewName): boolean {
  return factsOf(view)?.range === 'always';
}

/** The time range that a place shows; undefined for any time. */
export function shownRange({ view, params }: Pick<Place, 'view' | 'params'>): Range | undefined {
  return shownMoments(params) ?? shownSeconds(params) ?? (hasAlways(view) ? USUAL_SECONDS : undefined);
}

/** The two moments in a place's params. */
export function shownMoments(params: Place['params']): Moments | undefined {
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

/** Changes of a view's params, so that it shows a range. */
export function rangeParams(view: ViewName, range: Range | undefined): Record<string, string | undefined> {
  const last = typeof range !== 'number' ? undefined : String(range);
  const isUsual = range === USUAL_SECONDS && hasAlways(view);
  const [start, end] = typeof range === 'object' ? [String(range.start_time), String(range.end_time)] : [];
  const [from, to] = factsOf(view)?.moments ?? ['start', 'end'];
  return { last: isUsual ? undefined : last, [from]: start, [to]: end };
}

/** The place of a view with a range, and with further params. */
export function rangePlace(view: ViewName, range: Range | undefined, params: Place['params'] = {}): Place {
  return { view, params: { ...params, ...definedParams(rangeParams(view, range)) } };
}

/** Length of a range in seconds. */
export function secondsOf(range: Range): number {
  return typeof range === 'number' ? range : range.end_time - range.start_time;
}

/** The time that a place shows, and whether it may be any time; undefined for a view without one. */
export function shownTime({ view, params }: Pick<Place, 'view' | 'params'>): ShownTime | undefined {
  const facts = factsOf(view);
  if (facts?.time !== undefined) return { range: facts.time.of(params), hasAny: false };
  if (facts?.range === undefined) return undefined;
  const range = shownRange({ view, params });
  const [from, to] = facts.moments ?? ['start', 'end'];
  const [start, end] = [Number(params[from]), Number(params[to])];
  return {
    range,
    hasAny: !hasAlways(view),
    ...(range === undefined && start > 0 && { since: start }),
    ...(range === undefined && end > 0 && { until: end }),
  };
}

export interface ShownTime {
  readonly range: Range | undefined;
  readonly hasAny: boolean;
  /** The one end of a link that names no other, where any time may be shown. */
  readonly since?: number;
  readonly until?: number;
}

/** Changes of a view's params, so that it shows another time. */
export function timeParams(
  { view, params }: Pick<Place, 'view' | 'params'>,
  range: Range | undefined,
): Record<string, string | undefined> {
  const { time, resets = [] } = factsOf(view) ?? {};
  if (time !== undefined && range !== undefined) return { ...time.set(params, range) };
  return { ...Object.fromEntries(resets.map((name) => [name, undefined])), ...rangeParams(view, range) };
}

/** The range as the times of a query, and of the API. */
export function timesOf(range: Range) {
  return typeof range === 'number' ? { time_range: range } : range;
}

/** A place with the range that the views share. */
export function withRange(place: Place, range: Range | undefined): Place {
  const { view, params } = place;
  if (range === undefined) return place;
  if (sharesRange(view)) return { ...place, ...rangePlace(view, range, params) };
  return { ...place, params: factsOf(view)?.withRange?.(params, range) ?? params };
}

/** A path of the API that takes a range. @param more further parameters; absent ones are left out */
export function timedPath(path: string, range: Range, more: object = {}): string {
  return `${path}?${searchOf({ ...timesOf(range), ...more })}`;
}
