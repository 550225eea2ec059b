import type { Box } from '../../core/query/build/box.ts';
import type { Filter, QuerySpecInput } from '../../core/query/parse/query-spec.ts';

/** A box as conditions. */
export function boxFilters({ column, min, max }: Box): Filter[] {
  return [
    { column, op: '>=', value: min },
    { column, op: '<', value: max },
  ];
}

/** Whether a condition can be added to the query's own. Several conditions joined by OR take no further one. */
function canNarrow({ filters = [], filter_combination }: QuerySpecInput): boolean {
  return filter_combination !== 'OR' || filters.length < 2;
}

/** The query with more conditions. All conditions must hold. It adds no condition twice. */
export function narrowed(query: QuerySpecInput, added: readonly Filter[]): QuerySpecInput {
  const { filters = [], filter_combination, ...rest } = query;
  const known = new Set(filters.map((filter) => JSON.stringify(filter)));
  return {
    ...rest,
    filters: [...filters, ...added.filter((filter) => !known.has(JSON.stringify(filter)))],
    ...(filter_combination === 'OR' && !canNarrow(query) && { filter_combination }),
  };
}

/** The query with another time range, in seconds since the epoch. */
export function during(query: QuerySpecInput, start_time: number, end_time: number): QuerySpecInput {
  const { time_range: _, granularity: _g, compare_time_offset_seconds: _c, ...rest } = query;
  return { ...rest, start_time, end_time };
}

/** The query limited to the contents of the box. */
export function zoomed(query: QuerySpecInput, box: Box): QuerySpecInput {
  const inTime = during(query, box.start, box.end);
  return canNarrow(query) ? narrowed(inTime, boxFilters(box)) : inTime;
}
