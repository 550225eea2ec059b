import type { MapCall, MapService, ServiceMap } from '../../../map/service-map.ts';
import type { Place } from '../../../places/place.ts';
import { queryPlace } from '../../../places/place.ts';
import type { Range } from '../../../places/shown-range.ts';
import { rangePlace, timesOf } from '../../../places/shown-range.ts';
import type { Filter } from '../../../query/parse/query-spec.ts';

const CALCULATIONS = [
  { op: 'HEATMAP', column: 'duration_ms' },
  { op: 'P99', column: 'duration_ms' },
  { op: 'COUNT' },
] as const;

/** The map of one service and its neighbours. */
export function neighboursPlace(service: string, range: Range): Place {
  return rangePlace('map', range, { service });
}

/** The spans behind a service's numbers. */
export function servicePlace({ name, type }: MapService, range: Range): Place {
  const filters: Filter[] =
    type === 'database'
      ? databaseFilters(name)
      : [
          { column: 'span.kind', op: 'exists' },
          { column: 'service.name', op: '=', value: name },
        ];
  return queryPlace({ calculations: CALCULATIONS, filters, breakdowns: ['name'], ...timesOf(range) });
}

/** The spans of one service's calls to another, each with a link to its trace. */
export function callPlace({ from, to }: MapCall, { services }: ServiceMap, range: Range): Place {
  const database = services.some(({ name, type }) => name === to && type === 'database');
  const filters: Filter[] = database
    ? [{ column: 'service.name', op: '=', value: from }, ...databaseFilters(to)]
    : [
        { column: 'service.name', op: '=', value: to },
        { column: 'span.kind', op: 'in', value: ['server', 'consumer'] },
        { column: 'parent.service.name', op: '=', value: from },
      ];
  const place = queryPlace({ calculations: CALCULATIONS, filters, breakdowns: ['name'], ...timesOf(range) });
  return { ...place, params: { ...place.params, panel: 'rows' } };
}

/** Filters for a database, by its kind and, when it has one, its name. */
function databaseFilters(name: string): Filter[] {
  const [system = '', ...rest] = name.split(' ');
  const namespace = rest.join(' ');
  return [
    { column: 'db.system.name', op: '=', value: system },
    ...(namespace === '' ? [] : [{ column: 'db.namespace', op: '=', value: namespace } as const]),
  ];
}
