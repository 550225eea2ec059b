import type { Filter } from '../../../query/query-spec.ts';
import type { QuerySpecInput } from '../../client/query-input.ts';
import type { Box } from './query-place.ts';

/** The conditions that a box says. */
export function boxFilters({ column, min, max }: Box): Filter[] {
  return [
    { column, op: '>=', value: min },
    { column, op: '<', value: max },
  ];
}

/** True when a condition can be added to the query's own: with several that are joined by OR, it cannot. */
export function canNarrow({ filters = [], filter_combination }: QuerySpecInput): boolean {
  return filter_combination !== 'OR' || filters.length < 2;
}

/** The query with more conditions, all of which must hold; those it has already are not repeated. */
export function narrowed(query: QuerySpecInput, added: readonly Filter[]): QuerySpecInput {
  const { filters = [], filter_combination, ...rest } = query;
  const known = new Set(filters.map((filter) => JSON.stringify(filter)));
  return {
    ...rest,
    filters: [...filters, ...added.filter((filter) => !known.has(JSON.stringify(filter)))],
    ...(filter_combination === 'OR' && !canNarrow(query) && { filter_combination }),
  };
}

/** The same question over another time. Seconds since the epoch. */
export function during(query: QuerySpecInput, start_time: number, end_time: number): QuerySpecInput {
  const { time_range: _, granularity: _g, compare_time_offset_seconds: _c, ...rest } = query;
  return { ...rest, start_time, end_time };
}

/** What lies in the box, and nothing else. */
export function zoomed(query: QuerySpecInput, box: Box): QuerySpecInput {
  const inTime = during(query, box.start, box.end);
  return canNarrow(query) ? narrowed(inTime, boxFilters(box)) : inTime;
}
