import type { Place } from '../../../places/place.ts';
import { queryPlace } from '../../../places/place.ts';
import type { Range } from '../../../places/shown-range.ts';
import { timesOf } from '../../../places/shown-range.ts';
import { IS_REQUEST, SPANS } from '../../../query/build/scope.ts';
import type { Filter } from '../../../query/parse/query-spec.ts';

/** Requests of a service that match further conditions, as the figures count them. */
export function workPlace(service: string, range: Range, more: readonly Filter[] = []): Place {
  return queryPlace({
    calculations: [
      { op: 'HEATMAP', column: 'duration_ms' },
      { op: 'P95', column: 'duration_ms' },
      { op: 'COUNT' },
    ],
    calculated_fields: [IS_REQUEST.field],
    filters: [SPANS, IS_REQUEST.filter, { column: 'service.name', op: '=', value: service }, ...more],
    ...timesOf(range),
  });
}
