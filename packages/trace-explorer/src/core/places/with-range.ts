import { DEFAULT_SECONDS, defaultQuery } from '../query/build/ready-made.ts';
import type { QuerySpecInput } from '../query/parse/query-spec.ts';
import { jsonOrNothing } from '../shared/parse-json.ts';
import type { Place } from './place.ts';
import { queryPlace } from './place.ts';
import type { Range } from './shown-range.ts';
import { rangePlace, sharesRange, timesOf } from './shown-range.ts';

/** A place with the range that the views share. Query takes the range where its query names no time of its own. */
export function withRange(place: Place, range: Range | undefined): Place {
  const { view, params } = place;
  if (range === undefined) return place;
  if (sharesRange(view)) return { ...place, ...rangePlace(view, range, params) };
  if (view !== 'query') return place;
  const { query: text } = params;
  const query = text === undefined ? defaultQuery : jsonOrNothing(text);
  if (typeof query !== 'object' || query === null || hasOwnTime(query)) return place;
  const { time_range: _, ...timeless } = query as QuerySpecInput;
  return {
    view,
    params: { ...params, ...queryPlace({ ...timeless, ...timesOf(range) }, params.dataset).params },
  };
}

/** Whether a query's time was chosen: the default of the queries that the page makes was not. */
function hasOwnTime({ time_range = DEFAULT_SECONDS, start_time, end_time }: QuerySpecInput): boolean {
  return time_range !== DEFAULT_SECONDS || start_time !== undefined || end_time !== undefined;
}
