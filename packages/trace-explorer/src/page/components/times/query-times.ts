import type { QuerySpecInput } from '../../../query/parse/query-spec.ts';

/** The times in a query, as the query has them. */
export function timesOfQuery({ time_range, start_time, end_time }: QuerySpecInput) {
  return {
    ...(time_range !== undefined && { time_range }),
    ...(start_time !== undefined && { start_time }),
    ...(end_time !== undefined && { end_time }),
  };
}

/** The query with another time range: the last `time_range` seconds. */
export function lasting(query: QuerySpecInput, time_range: number): QuerySpecInput {
  const { start_time: _, end_time: _e, granularity: _g, ...rest } = query;
  return { ...rest, time_range };
}
