import type { Place } from '../../core/places/place.ts';
import { queryPlace } from '../../core/places/place.ts';
import type { Range } from '../../core/places/range.ts';
import { timesOf } from '../../core/places/shown-range.ts';
import { DEFAULT_SECONDS, defaultQuery } from '../../core/query/build/default-query.ts';
import { DEFAULT_TIME_RANGE } from '../../core/query/parse/limits.ts';
import type { QuerySpecInput } from '../../core/query/parse/query-spec.ts';
import { jsonOrNothing } from '../../lib/text/parse-json.ts';

/** The time range of a query. */
export function rangeOf({ time_range = DEFAULT_TIME_RANGE, start_time, end_time }: QuerySpecInput): Range {
  if (start_time === undefined && end_time === undefined) return time_range;
  const start = start_time ?? (end_time ?? 0) - time_range;
  return { start_time: start, end_time: end_time ?? start + time_range };
}

/** The query with another time range. */
function withTimes(query: QuerySpecInput, range: Range): QuerySpecInput {
  const { time_range: _, start_time: _s, end_time: _e, granularity: _g, ...rest } = query;
  return { ...rest, ...timesOf(range) };
}

/** The time of the view's query. */
export const queryTime = {
  of: (params: Place['params']): Range => rangeOf(queryOf(params) ?? defaultQuery),
  set(params: Place['params'], range: Range): Place['params'] {
    const query = withTimes(queryOf(params) ?? defaultQuery, range);
    return { ...params, ...queryPlace(query, params.dataset).params };
  },
};

/** The query of the view's params; undefined for one that cannot be read. */
function queryOf({ query: text }: Place['params']): QuerySpecInput | undefined {
  const query = text === undefined ? defaultQuery : jsonOrNothing(text);
  return typeof query === 'object' && query !== null ? (query as QuerySpecInput) : undefined;
}

/** Params of the view with the range, where their query names no time of its own. */
export function withQueryRange(params: Place['params'], range: Range): Place['params'] {
  const query = queryOf(params);
  if (query === undefined || hasOwnTime(query)) return params;
  const { time_range: _, ...timeless } = query;
  return { ...params, ...queryPlace({ ...timeless, ...timesOf(range) }, params.dataset).params };
}

/** Whether a query's time was chosen: the default of the queries that the page makes was not. */
function hasOwnTime({ time_range = DEFAULT_SECONDS, start_time, end_time }: QuerySpecInput): boolean {
  return time_range !== DEFAULT_SECONDS || start_time !== undefined || end_time !== undefined;
}
