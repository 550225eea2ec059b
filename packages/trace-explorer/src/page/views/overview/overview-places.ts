import type { DependencyFigures, Overview, RouteFigures } from '../../../overview/overview.ts';
import type { Place } from '../../../places/place.ts';
import { queryPlace } from '../../../places/place.ts';
import { IS_REQUEST } from '../../../query/ask/scope.ts';
import type { Filter, QuerySpecInput } from '../../../query/parse/query-spec.ts';
import { FAILED } from '../../../shared/failed-spans.ts';

/** What no event or link of a span has, and no log record. */
const SPANS = { column: 'span.kind', op: 'exists' } as const;

/** Requests as the overview counts them: SERVER spans, and spans without a parent. */
const REQUESTS = {
  calculated_fields: [IS_REQUEST.field],
  filters: [SPANS, IS_REQUEST.filter],
} as const;

const LATENCY = [
  { op: 'HEATMAP', column: 'duration_ms' },
  { op: 'P95', column: 'duration_ms' },
  { op: 'COUNT' },
] as const;

/** All requests of the range that fit more conditions. */
export function requestsPlace(time_range: number, more: readonly Filter[] = []): Place {
  const filters = [...REQUESTS.filters, ...more];
  return queryPlace({ calculations: LATENCY, ...REQUESTS, filters, time_range });
}

/** Failing spans by service and name. */
export function failuresPlace(time_range: number): Place {
  return queryPlace({
    calculations: [{ op: 'COUNT' }],
    filters: [SPANS, ...FAILED],
    breakdowns: ['service.name', 'name'],
    time_range,
  });
}

/** Traces of the range that have an error, the newest first. */
export function failedTracesPlace(time_range: number): Place {
  return { view: 'traces', params: { errors: 'true', last: String(time_range) } };
}

/** Requests of one route, or only those that failed. */
export function routePlace({ service, name }: RouteFigures, time_range: number, failed = false): Place {
  return requestsPlace(time_range, [
    { column: 'service.name', op: '=', value: service },
    name === '' ? { column: 'name', op: 'does-not-exist' } : { column: 'name', op: '=', value: name },
    ...(failed ? FAILED : []),
  ]);
}

/** A user's traces, the slowest first: each says where its time went. */
export function userPlace({ user_field = '' }: Overview, user: string, time_range: number): Place {
  const params = { field: `${user_field}=${user}`, order: 'slowest', last: String(time_range) };
  return { view: 'traces', params };
}

/** All users side by side. */
export function usersPlace({ user_field = '' }: Overview, time_range: number): Place {
  return queryPlace({
    calculations: [
      { op: 'P50', column: 'duration_ms' },
      { op: 'P95', column: 'duration_ms' },
      { op: 'COUNT' },
    ],
    ...REQUESTS,
    breakdowns: [user_field],
    orders: [{ op: 'P50', column: 'duration_ms', order: 'descending' }],
    time_range,
  });
}

/** Calls to a dependency, by who calls it. */
export function dependencyPlace({ fields }: DependencyFigures, time_range: number): Place {
  const query: QuerySpecInput = {
    calculations: [
      { op: 'SUM', column: 'duration_ms' },
      { op: 'P95', column: 'duration_ms' },
      { op: 'COUNT' },
    ],
    filters: [
      { column: 'span.kind', op: 'in', value: ['client', 'producer'] },
      ...fields.map(({ field, value }) => ({ column: field, op: '=', value }) as const),
    ],
    breakdowns: ['service.name', 'name'],
    orders: [{ op: 'SUM', column: 'duration_ms', order: 'descending' }],
    time_range,
  };
  return queryPlace(query);
}
