import type { Filter, QuerySpecInput } from '../parse/query-spec.ts';
import { REQUESTS } from './scope.ts';

/** Seconds of the queries that the page makes, as of the overview: a step from one to the other changes no time. */
export const DEFAULT_SECONDS = 3600;

/** The distribution of latencies, for requests that match further conditions. */
export function requestsOf(filters: readonly Filter[]): QuerySpecInput {
  return {
    calculations: [
      { op: 'HEATMAP', column: 'duration_ms' },
      { op: 'P90', column: 'duration_ms' },
    ],
    filters: [REQUESTS, ...filters],
    time_range: DEFAULT_SECONDS,
  };
}

/** The query that the view opens with. */
export const defaultQuery = requestsOf([]);
