import { searchOf } from '../../lib/text/search-of.ts';
import type { Place } from './place.ts';
import { traceLists } from './views.ts';

/** The path of the outline of a trace that may still come. */
export function outlinePath(traceId: string): string {
  return `/api/traces/${encodeURIComponent(traceId)}/outline?awaited=true`;
}

/** The path of what is wrong with a large trace. */
export function findingsPath(traceId: string): string {
  return `/api/traces/${encodeURIComponent(traceId)}/findings`;
}

/** Params that `GET /api/traces` takes. */
const PARAMS = [
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

/** Params of the lists of traces that parts have, and the params that name these. */
export function partParams(): readonly string[] {
  return Object.entries(traceLists()).flatMap(([name, { params }]) => [name, ...params]);
}

/** Params of the list of traces that a request takes. */
export function listParams(): readonly string[] {
  return [...PARAMS, ...partParams()];
}

/** The params of a list's request, without `last`. */
export function traceParams(params: Place['params']): URLSearchParams {
  return searchOf(Object.fromEntries(listParams().map((name) => [name, params[name]?.trim() || undefined])));
}

/** The path of a page of traces, or of the list of a part that the query names. */
export function tracesPath(query: URLSearchParams): string {
  const others = new URLSearchParams(query);
  const [path = '/api/traces'] = Object.entries(traceLists()).flatMap(([name, list]) => {
    const value = query.get(name);
    others.delete(name);
    return value === null ? [] : list.path(value);
  });
  return others.size === 0 ? path : `${path}?${others}`;
}
