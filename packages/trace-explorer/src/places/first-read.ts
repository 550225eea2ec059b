import { traceIdField } from '../shared/trace-id.ts';
import type { Place } from './place.ts';

type Params = Place['params'];

/**
 * What a view asks the explorer first, as a path of its API: the server names it in the page's HTML, so that the answer is
 * on its way while scripts are loaded. Undefined where the question depends on the browser, such as on its clock.
 */
export function firstRead({ view, id = '', params }: Place): string | undefined {
  switch (view) {
    case 'overview':
      return overviewPath(overviewBrush(params) ?? overviewRange(params));
    case 'traces':
      return params.last === undefined && params.pages === undefined
        ? tracesPath(traceParams(params))
        : undefined;
    case 'map':
      return mapPath(mapRange(params));
    case 'trace':
      return /^[0-9a-f]{32}$/.test(id) ? outlinePath(traceIdField(id)) : undefined;
    default:
      return undefined;
  }
}

const DEFAULT_RANGE = 3600;

/** Seconds that the start view is about. */
export function overviewRange({ last }: Params): number {
  const given = Number(last);
  return given > 0 && given < 9e9 ? given : DEFAULT_RANGE;
}

/** The part of it that was brushed, in seconds since the epoch. */
export function overviewBrush({ start, end }: Params) {
  const [start_time, end_time] = [Number(start), Number(end)];
  return start_time > 0 && end_time > start_time && end_time < 9e9 ? { start_time, end_time } : undefined;
}

/** Figures, or findings, of so many seconds, or from when to when. */
export function overviewPath(
  range: number | { start_time: number; end_time: number },
  part: '' | '/findings' = '',
): string {
  if (typeof range === 'number') return `/api/overview${part}?time_range=${encodeURIComponent(range)}`;
  return `/api/overview${part}?start_time=${range.start_time}&end_time=${range.end_time}`;
}

/** Seconds that the map is about. */
export function mapRange({ time_range }: Params): number {
  return Number(time_range) || DEFAULT_RANGE;
}

/** The map of so many seconds. */
export function mapPath(range: number): string {
  return `/api/map?time_range=${encodeURIComponent(range)}`;
}

/** A trace's waterfall. */
export function outlinePath(traceId: string): string {
  return `/api/traces/${encodeURIComponent(traceId)}/outline`;
}

/** Params of the list that the explorer knows, as its `GET /api/traces` takes them. */
export const LIST_PARAMS = [
  'trace_id',
  'service',
  'name',
  'errors',
  'min_duration_ms',
  'max_duration_ms',
  'field',
  'start_time',
  'end_time',
  'order',
] as const;

/** The params that a list is asked with, without `last`. */
export function traceParams(params: Params): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of LIST_PARAMS) {
    const value = params[name]?.trim();
    if (value) query.set(name, value);
  }
  return query;
}

/** A page of traces. */
export function tracesPath(query: URLSearchParams): string {
  return query.size === 0 ? '/api/traces' : `/api/traces?${query}`;
}
