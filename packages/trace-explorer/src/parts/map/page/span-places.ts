import type { Place } from '../../../core/places/place.ts';
import { queryPlace } from '../../../core/places/place.ts';
import type { Range } from '../../../core/places/range.ts';
import { timesOf } from '../../../core/places/shown-range.ts';
import { namedFilters } from '../../../core/query/build/named-filter.ts';
import type { Filter } from '../../../core/query/parse/query-spec.ts';
import type { MapCall, MapService, ServiceMap } from '../server/schemas.ts';

/** The figures that the map says, of every name. */
const BY_NAME = {
  calculations: [
    ...(['HEATMAP', 'P95', 'SUM'] as const).map((op) => ({ op, column: 'duration_ms' })),
    { op: 'COUNT' },
  ],
  breakdowns: ['name'],
  limit: 1000,
} as const;

/** The spans behind a service's numbers. */
export function servicePlace({ name, type, fields = [] }: MapService, range: Range): Place {
  const own =
    type === 'database'
      ? namedFilters(fields)
      : { filters: [{ column: 'span.kind', op: 'exists' }, ofService(name)] satisfies Filter[] };
  return queryPlace({ ...BY_NAME, ...own, ...timesOf(range) });
}

/** The spans of one service's calls to another, each with a link to its trace. */
export function callPlace({ from, to }: MapCall, { services }: ServiceMap, range: Range): Place {
  const database = services.find(({ name, type }) => name === to && type === 'database');
  const named = namedFilters(database?.fields ?? []);
  const filters: Filter[] =
    database === undefined
      ? [
          ofService(to),
          { column: 'span.kind', op: 'in', value: ['server', 'consumer'] },
          { column: 'parent.service.name', op: '=', value: from },
        ]
      : [ofService(from), ...named.filters];
  const place = queryPlace({ ...BY_NAME, ...named, filters, ...timesOf(range) });
  return { ...place, params: { ...place.params, panel: 'rows' } };
}

function ofService(name: string): Filter {
  return { column: 'service.name', op: '=', value: name };
}
