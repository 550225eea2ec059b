import type { Place } from '../../../../core/places/place.ts';
import { queryPlace } from '../../../../core/places/place.ts';
import type { Filter, QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';

/** Seconds of a query that starts here: up to now, or around an older trace. */
const WINDOW_SECONDS = 600;

/** A query about spans like one of this trace, in a time range that contains the trace. */
export function placeAbout(
  model: Pick<TraceModel, 'start' | 'duration'>,
  filters: readonly Filter[],
  breakdowns: readonly string[] = [],
  now = Date.now() / 1000,
): Place {
  return queryPlace({
    calculations: [{ op: 'COUNT' }, { op: 'HEATMAP', column: 'duration_ms' }],
    ...(filters.length > 0 && { filters }),
    ...(breakdowns.length > 0 && { breakdowns }),
    ...timeAround(model, now),
  });
}

/** Conditions for all spans of a span's service and name. */
export function filtersOfLike(model: TraceModel, index: number): Filter[] {
  return [
    { column: 'service.name', op: '=', value: model.service(index) },
    { column: 'name', op: '=', value: model.name(index) },
    { column: 'meta.annotation_type', op: 'does-not-exist' },
  ];
}

/** The last ten minutes when they contain the trace, else ten minutes around the trace. */
export function timeAround(
  { start, duration }: Pick<TraceModel, 'start' | 'duration'>,
  now = Date.now() / 1000,
): Pick<QuerySpecInput, 'time_range' | 'start_time' | 'end_time'> {
  const from = Number(start / 1_000_000n) / 1000;
  const to = from + duration / 1e9;
  if (from > now - WINDOW_SECONDS + 30 && to <= now) return { time_range: WINDOW_SECONDS };
  return {
    start_time: Math.max(0, Math.floor(from - WINDOW_SECONDS / 2)),
    end_time: Math.ceil(to + WINDOW_SECONDS / 2),
  };
}
