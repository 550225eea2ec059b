import type { Place } from '../../../core/places/place.ts';
import { definedParams, queryPlace } from '../../../core/places/place.ts';
import type { Range } from '../../../core/places/range.ts';
import { anyText } from '../../../core/places/read-params.ts';
import { rangePlace, secondsOf, timesOf, USUAL_SECONDS } from '../../../core/places/shown-range.ts';
import { FAILED, NO_ERROR } from '../../../core/query/build/failed-spans.ts';
import { namedFilters } from '../../../core/query/build/named-filter.ts';
import { IS_REQUEST, SPANS } from '../../../core/query/build/scope.ts';
import { SLOW, SLOW_CALCULATIONS, SLOW_FORMULA } from '../../../core/query/build/slow-routes.ts';
import type { Filter, QuerySpecInput } from '../../../core/query/parse/query-spec.ts';
import type { Deploy } from '../../../core/range/schemas.ts';
import type { DependencyFigures, Overview, RouteFigures } from '../server/schemas.ts';

/** The params of the overview, besides its time. */
export const OVERVIEW_PARAMS = {
  // What a press on a figure narrows it to: failures, or what takes long.
  only: ['failed', 'slow'],
  causes: ['all', 'known'],
  run: anyText,
} as const;

export type Only = (typeof OVERVIEW_PARAMS.only)[number];

/** Requests as the overview counts them: SERVER spans, and spans without a parent. */
const REQUESTS = {
  calculated_fields: [IS_REQUEST.field],
  filters: [SPANS, IS_REQUEST.filter],
} as const;

export const CHARTS = {
  requests: { op: 'COUNT' },
  errors: { op: 'COUNT', name: 'errors', filters: [...FAILED] },
  heatmap: { op: 'HEATMAP', column: 'duration_ms' },
  p95: { op: 'P95', column: 'duration_ms' },
} as const;

/** Lengths of a chart of a store that is younger than the usual time, in seconds. */
const YOUNG_SECONDS = [60, 120, 300, 600, 1200, 1800] as const;

/**
 * The seconds before now that hold all that is stored, where this is less than the usual time; else the usual time. The charts
 * of a first minute would be one point at the right edge of an hour.
 */
export function fittedSeconds({ oldest = 0, end_time }: Pick<Overview, 'oldest' | 'end_time'>): number {
  const age = end_time - oldest;
  // A chart that is read a moment later still shows the first span.
  return (age >= 0 && YOUNG_SECONDS.find((seconds) => seconds >= age + seconds / 10)) || USUAL_SECONDS;
}

/** Points of a chart: as many as fit its width. */
const POINTS = 60;

/** The condition that a span is of the service; none for all services. */
export function ofService(service: string | undefined): readonly Filter[] {
  return service === undefined ? [] : [{ column: 'service.name', op: '=', value: service }];
}

/** Requests, errors and durations over time. */
export function chartsQuery(range: Range, service?: string): QuerySpecInput {
  const granularity = Math.max(1, Math.ceil(secondsOf(range) / POINTS));
  const filters = [...REQUESTS.filters, ...ofService(service)];
  return { calculations: Object.values(CHARTS), ...REQUESTS, filters, ...timesOf(range), granularity };
}

/** All requests of the range that match further conditions. */
export function requestsPlace(range: Range, more: readonly Filter[] = []): Place {
  const filters = [...REQUESTS.filters, ...more];
  return queryPlace({
    calculations: [CHARTS.heatmap, CHARTS.p95, CHARTS.requests],
    ...REQUESTS,
    filters,
    ...timesOf(range),
  });
}

/** Requests of one route; with `failed` only the failed ones. */
export function routePlace(
  { service, name }: Pick<RouteFigures, 'service' | 'name'>,
  range: Range,
  failed = false,
): Place {
  const own: Filter =
    name === '' ? { column: 'name', op: 'does-not-exist' } : { column: 'name', op: '=', value: name };
  return requestsPlace(range, [...ofService(service), own, ...(failed ? FAILED : [])]);
}

/** All routes of the range with their figures, the slowest first. */
export function routesPlace(range: Range, service?: string): Place {
  return queryPlace({
    ...ROUTE_FIGURES,
    calculations: [...SLOW_CALCULATIONS, { op: 'P50', column: 'duration_ms', name: 'p50' }, FAILED_SHARE],
    formulas: [
      SLOW_FORMULA,
      { name: 'p50_ms', expression: '$p50' },
      { name: 'failed, %', expression: `$${JSON.stringify(FAILED_SHARE.name)}` },
      { name: 'requests', expression: '$count' },
    ],
    filters: [...REQUESTS.filters, ...ofService(service)],
    breakdowns: ['service.name', 'name'],
    orders: [{ column: SLOW, order: 'descending' }],
    ...timesOf(range),
  });
}

/** Requests of a service before and after a deploy, grouped by route and version. */
export function deployPlace({ service, version, previous, start_time, end_time }: Deploy): Place {
  return queryPlace({
    ...ROUTE_FIGURES,
    filters: [
      ...REQUESTS.filters,
      ...ofService(service),
      { column: 'service.version', op: 'in', value: [previous, version] },
    ],
    breakdowns: ['name', 'service.version'],
    orders: [{ column: 'name', order: 'ascending' }],
    start_time,
    end_time,
  });
}

/** 100 for a failed span, else 0. The average is the share of errors in percent. */
const FAILED_PERCENT = {
  name: 'failed',
  expression: `IF(AND(EXISTS($error), NOT(IN(STRING($error), ${NO_ERROR.map((text) => JSON.stringify(text)).join(', ')}))), 100, 0)`,
};

const FAILED_SHARE = { op: 'AVG', column: 'failed', name: 'errors, %' } as const;

const ROUTE_FIGURES = {
  calculations: [
    { op: 'P50', column: 'duration_ms' },
    { op: 'P95', column: 'duration_ms' },
    FAILED_SHARE,
    { op: 'COUNT' },
  ],
  calculated_fields: [IS_REQUEST.field, FAILED_PERCENT],
  limit: 1000, // else there are 100 groups
} as const;

/** A user's traces, the slowest first. Each of them shows where its time went. */
export function userPlace(
  { user_field = '' }: Overview,
  user: string,
  range: Range,
  service?: string,
): Place {
  const params = definedParams({ field: `${user_field}=${user}`, order: 'slowest', service });
  return rangePlace('traces', range, params);
}

/** Calls to a dependency, grouped by caller. */
export function dependencyPlace({ fields }: DependencyFigures, range: Range, service?: string): Place {
  const { filters, ...named } = namedFilters(fields);
  const query: QuerySpecInput = {
    ...named,
    calculations: [
      { op: 'SUM', column: 'duration_ms' },
      { op: 'P95', column: 'duration_ms' },
      { op: 'COUNT' },
    ],
    filters: [
      { column: 'span.kind', op: 'in', value: ['client', 'producer'] },
      ...filters,
      ...ofService(service),
    ],
    breakdowns: ['service.name', 'name'],
    orders: [{ op: 'SUM', column: 'duration_ms', order: 'descending' }],
    limit: ROUTE_FIGURES.limit,
    ...timesOf(range),
  };
  return queryPlace(query);
}
