import type { Range } from '../../../core/places/range.ts';
import { timesOf } from '../../../core/places/shown-range.ts';
import type { QuerySpecInput } from '../../../core/query/parse/query-spec.ts';

/** The times in a query, as the query has them. */
export function timesOfQuery({ time_range, start_time, end_time }: QuerySpecInput) {
  return {
    ...(time_range !== undefined && { time_range }),
    ...(start_time !== undefined && { start_time }),
    ...(end_time !== undefined && { end_time }),
  };
}

/** The query with another time range. */
export function withTimes(query: QuerySpecInput, range: Range): QuerySpecInput {
  const { time_range: _, start_time: _s, end_time: _e, granularity: _g, ...rest } = query;
  return { ...rest, ...timesOf(range) };
}
