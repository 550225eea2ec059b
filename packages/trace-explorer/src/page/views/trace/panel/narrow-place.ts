import type { Filter } from '../../../../query/query-spec.ts';
import type { Place } from '../../../client/place.ts';
import { queryPlace } from '../../../client/place.ts';
import type { QuerySpecInput } from '../../../client/query-input.ts';
import type { TraceModel } from '../model/trace-model.ts';

/** Seconds that a query from here covers: as the query view by default, or as much around an older trace. */
const window = 600;

/** A query about spans like one in this trace, over a time that this trace is in. */
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

/** The last ten minutes when the trace is in them, else ten minutes with the trace in their middle. */
export function timeAround(
  { start, duration }: Pick<TraceModel, 'start' | 'duration'>,
  now = Date.now() / 1000,
): Pick<QuerySpecInput, 'time_range' | 'start_time' | 'end_time'> {
  const from = Number(start / 1_000_000n) / 1000;
  const to = from + duration / 1e9;
  if (from > now - window + 30 && to <= now) return { time_range: window };
  return { start_time: Math.max(0, Math.floor(from - window / 2)), end_time: Math.ceil(to + window / 2) };
}
