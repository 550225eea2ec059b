import { searchOf } from '../shared/search-of.ts';
import { traceIdField } from '../shared/trace-id.ts';
import type { Place } from './place.ts';
import type { Range } from './shown-range.ts';
import { shownRange, timesOf, USUAL_SECONDS } from './shown-range.ts';

type Params = Place['params'];

/**
 * The first request of a view, as a path of the explorer's API. The server puts it into the page's HTML, so that the answer is
 * on its way while scripts are loaded. Undefined when the request depends on the browser, such as on its clock.
 */
export function firstRead(place: Place): string | undefined {
  const { view, id = '', params } = place;
  const range = shownRange(place) ?? USUAL_SECONDS;
  switch (view) {
    case 'overview':
      return overviewPath(range);
    case 'service':
      return overviewPath(range, id);
    case 'traces':
      return params.last === undefined && params.pages === undefined
        ? tracesPath(traceParams(params))
        : undefined;
    case 'map':
      return mapPath(range);
    case 'verify':
      return verifyPath(range, params.service);
    case 'trace':
      return /^[0-9a-f]{32}$/.test(id) ? outlinePath(traceIdField(id)) : undefined;
    default:
      return undefined;
  }
}

/** The path of figures for a range, of all services or of one. */
export function overviewPath(range: Range, service?: string): string {
  return `/api/overview?${searchOf({ ...timesOf(range), service })}`;
}

/** The path of the causes of a range, or of one cause. @param more seconds for a longer look, for example */
export function causesPath(range: Range, id = '', more: object = {}): string {
  const path = id === '' ? '/api/causes' : `/api/causes/${encodeURIComponent(id)}`;
  return `${path}?${searchOf({ ...timesOf(range), ...more })}`;
}

/** The path of the map for a range. */
export function mapPath(range: Range): string {
  return `/api/map?${searchOf(timesOf(range))}`;
}

/** The path of the report on the telemetry of all services, or of one. */
export function verifyPath(range: Range, service?: string): string {
  return `/api/verify?${searchOf({ ...timesOf(range), service })}`;
}

/** The path of the outline of a trace that may still come. */
export function outlinePath(traceId: string): string {
  return `/api/traces/${encodeURIComponent(traceId)}/outline?awaited=true`;
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
  'cause',
  'seconds',
] as const;

/** The params of a list's request, without `last`. */
export function traceParams(params: Params): URLSearchParams {
  return searchOf(Object.fromEntries(LIST_PARAMS.map((name) => [name, params[name]?.trim() || undefined])));
}

/** The path of a page of traces, or of the traces of the cause that the query names. */
export function tracesPath(query: URLSearchParams): string {
  const cause = query.get('cause');
  const path = cause === null ? '/api/traces' : `/api/causes/${encodeURIComponent(cause)}/traces`;
  const others = new URLSearchParams(query);
  others.delete('cause');
  return others.size === 0 ? path : `${path}?${others}`;
}
