import { traceIdField } from '../shared/trace-id.ts';
import type { Place } from './place.ts';

type Params = Place['params'];

/**
 * The first request of a view, as a path of the explorer's API. The server puts it into the page's HTML, so that the answer is
 * on its way while scripts are loaded. Undefined when the request depends on the browser, such as on its clock.
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

/** Seconds of the start view's time range. */
export function overviewRange({ last }: Params): number {
  const given = Number(last);
  return given > 0 && given < 9e9 ? given : DEFAULT_RANGE;
}

/** The brushed part of the range, in seconds since the epoch. */
export function overviewBrush({ start, end }: Params) {
  const [start_time, end_time] = [Number(start), Number(end)];
  return start_time > 0 && end_time > start_time && end_time < 9e9 ? { start_time, end_time } : undefined;
}

/** The path of figures, or of findings, for some seconds or for a start and an end. */
export function overviewPath(
  range: number | { start_time: number; end_time: number },
  part: '' | '/findings' = '',
): string {
  if (typeof range === 'number') return `/api/overview${part}?time_range=${encodeURIComponent(range)}`;
  return `/api/overview${part}?start_time=${range.start_time}&end_time=${range.end_time}`;
}

/** Seconds of the map's time range. */
export function mapRange({ time_range }: Params): number {
  return Number(time_range) || DEFAULT_RANGE;
}

/** The path of the map for some seconds. */
export function mapPath(range: number): string {
  return `/api/map?time_range=${encodeURIComponent(range)}`;
}

/** The path of a trace's outline. */
export function outlinePath(traceId: string): string {
  return `/api/traces/${encodeURIComponent(traceId)}/outline`;
}

/** Params of the list of traces that `GET /api/traces` takes. */
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

/** The params of a list's request, without `last`. */
export function traceParams(params: Params): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of LIST_PARAMS) {
    const value = params[name]?.trim();
    if (value) query.set(name, value);
  }
  return query;
}

/** The path of a page of traces. */
export function tracesPath(query: URLSearchParams): string {
  return query.size === 0 ? '/api/traces' : `/api/traces?${query}`;
}
