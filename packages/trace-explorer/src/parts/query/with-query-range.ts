import type { Place } from '../../core/places/place.ts';
import { queryPlace } from '../../core/places/place.ts';
import type { Range } from '../../core/places/range.ts';
import { timesOf } from '../../core/places/shown-range.ts';
import { DEFAULT_SECONDS, defaultQuery } from '../../core/query/build/ready-made.ts';
import type { QuerySpecInput } from '../../core/query/parse/query-spec.ts';
import { jsonOrNothing } from '../../core/shared/parse-json.ts';

/** Params of the view with the range, where their query names no time of its own. */
export function withQueryRange(params: Place['params'], range: Range): Place['params'] {
  const { query: text } = params;
  const query = text === undefined ? defaultQuery : jsonOrNothing(text);
  if (typeof query !== 'object' || query === null || hasOwnTime(query)) return params;
  const { time_range: _, ...timeless } = query as QuerySpecInput;
  return { ...params, ...queryPlace({ ...timeless, ...timesOf(range) }, params.dataset).params };
}

/** Whether a query's time was chosen: the default of the queries that the page makes was not. */
function hasOwnTime({ time_range = DEFAULT_SECONDS, start_time, end_time }: QuerySpecInput): boolean {
  return time_range !== DEFAULT_SECONDS || start_time !== undefined || end_time !== undefined;
}
