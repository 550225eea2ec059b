import type { Place } from '../../core/places/place.ts';
import { queryPlace } from '../../core/places/place.ts';
import type { Range } from '../../core/places/range.ts';
import { timesOf } from '../../core/places/shown-range.ts';
import { DEFAULT_SECONDS, defaultQuery } from '../../core/query/build/ready-made.ts';
import type { QuerySpecInput } from '../../core/query/parse/query-spec.ts';
import { jsonOrNothing } from '../../core/shared/parse-json.ts';

/** The time of the view's query. */
export const queryTime = {
  of(params: Place['params']): Range {
    const { time_range = DEFAULT_SECONDS, start_time, end_time } = queryOf(params) ?? {};
    if (start_time === undefined && end_time === undefined) return time_range;
    const start = start_time ?? (end_time ?? 0) - time_range;
    return { start_time: start, end_time: end_time ?? start + time_range };
  },
  set(params: Place['params'], range: Range): Place['params'] {
    const {
      time_range: _,
      start_time: _s,
      end_time: _e,
      granularity: _g,
      ...rest
    } = queryOf(params) ?? defaultQuery;
    return { ...params, ...queryPlace({ ...rest, ...timesOf(range) }, params.dataset).params };
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
