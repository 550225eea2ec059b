import { defaultQuery } from '../query/ask/ready-made.ts';
import { jsonOrNothing } from '../shared/parse-json.ts';
import type { Place } from './place.ts';
import { queryPlace } from './place.ts';
import type { Range } from './shown-range.ts';
import { rangePlace, sharesRange, timesOf } from './shown-range.ts';

/** A place with the range that the views share. Query takes the range where its query names no time of its own. */
export function withRange(place: Place, range: Range | undefined): Place {
  const { view, params } = place;
  if (range === undefined) return place;
  if (sharesRange(view)) return rangePlace(view, range, params);
  if (view !== 'query') return place;
  const { query: text } = params;
  const query = text === undefined ? defaultQuery : jsonOrNothing(text);
  if (typeof query !== 'object' || query === null || TIMES.some((name) => name in query)) return place;
  return { view, params: { ...queryPlace({ ...query, ...timesOf(range) }).params, ...withoutQuery(params) } };
}

const TIMES = ['time_range', 'start_time', 'end_time'];

function withoutQuery({ query: _, ...others }: Place['params']) {
  return others;
}
