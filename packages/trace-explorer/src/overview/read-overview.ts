import type { ReadOptions, SpanStore } from '../store/types.ts';
import { findTraces } from '../traces/list/find-traces.ts';
import { rfc3339 } from '../traces/read/rfc3339.ts';
import { readDependencies } from './dependencies.ts';
import type { ErrorFigures, Overview, RequestFigures, RouteFigures, UserFigures } from './overview.ts';
import type { SpansInRange } from './spans-in-range.ts';
import { spansInRange } from './spans-in-range.ts';

/** Routes sent to the page: a table of more is not read. */
const MAX_ROUTES = 1000;
const MAX_USERS = 6;
const MAX_ERRORS = 12;
const TRACES = 8;
/** A user with fewer requests is not said to be slow. */
const MIN_USER_REQUESTS = 3;

const FIGURES = `count(*), count(*) FILTER (WHERE error), quantile_cont(duration, [0.5, 0.95])`;

/** Reads it in seven statements side by side: one pass over the spans each. */
export async function readOverview(
  store: SpanStore,
  range: { readonly startTime: number; readonly endTime: number },
  options: ReadOptions = {},
): Promise<Overview> {
  const spans = spansInRange(store, range);
  const read = async (sql: string) => (await store.read(spans.sql(sql), spans.values, options)).rows;
  const traces = (order: 'newest' | 'slowest') =>
    findTraces(store, { order, limit: TRACES, ...range }, options);
  const [requests, users, dependencies, errors, newest, slowest] = await Promise.all([
    read(ROUTES),
    spans.userField === undefined ? [] : read(USERS),
    readDependencies(read),
    read(ERRORS),
    traces('newest'),
    traces('slowest'),
  ]);
  const total = requests.find((row) => row[0] === null && row[1] === null);
  const routes = requests
    .filter((row) => row !== total)
    .map(
      (row): RouteFigures => ({
        service: String(row[0]),
        name: String(row[1] ?? ''),
        ...figures(row.slice(2)),
      }),
    )
    .sort((a, b) => b.p95_ms - a.p95_ms);
  return {
    start_time: range.startTime,
    end_time: range.endTime,
    spans: store.stats().spans,
    requests: figures(total?.slice(2) ?? []),
    services: new Set(routes.map(({ service }) => service)).size,
    routes: routes.slice(0, MAX_ROUTES),
    more_routes: Math.max(0, routes.length - MAX_ROUTES),
    ...userFigures(spans, users),
    dependencies,
    errors: errors.map(errorOf),
    newest: newest.traces,
    slowest: slowest.traces,
  };
}

const ROUTES = `SELECT service, coalesce(name, ''), ${FIGURES} FROM s WHERE request
  GROUP BY GROUPING SETS ((service, coalesce(name, '')), ())`;

const USERS = `SELECT user, ${FIGURES} FROM s WHERE request AND user IS NOT NULL
  GROUP BY user HAVING count(*) >= ${MIN_USER_REQUESTS} ORDER BY quantile_cont(duration, 0.5) DESC, user LIMIT ${MAX_USERS}`;

// Only where an error says what it was: a caller's span often has no more than a status.
const ERRORS = `SELECT service, coalesce(name, ''), message, count(*), min(time), max(time),
    arg_max(trace_id, time), arg_max(span_id, time)
  FROM s WHERE error AND message IS NOT NULL AND trace_id IS NOT NULL
  GROUP BY 1, 2, 3 ORDER BY max(time) DESC LIMIT ${MAX_ERRORS}`;

function userFigures(
  { userField }: SpansInRange,
  rows: readonly (readonly unknown[])[],
): Pick<Overview, 'user_field' | 'users'> {
  const users = rows.map((row): UserFigures => ({ user: String(row[0]), ...figures(row.slice(1)) }));
  return { ...(userField !== undefined && { user_field: userField }), users };
}

/** Count, errors and [P50, P95] of a row. */
function figures([count, errors, quantiles]: readonly unknown[]): RequestFigures {
  const [p50 = 0, p95 = 0] = Array.isArray(quantiles) ? quantiles.map(Number) : [];
  return { count: Number(count ?? 0), errors: Number(errors ?? 0), p50_ms: p50, p95_ms: p95 };
}

function errorOf(row: readonly unknown[]): ErrorFigures {
  return {
    service: String(row[0]),
    name: String(row[1]),
    message: String(row[2]),
    count: Number(row[3]),
    first: rfc3339(BigInt(row[4] as bigint | number)),
    last: rfc3339(BigInt(row[5] as bigint | number)),
    trace_id: String(row[6]),
    span_id: String(row[7] ?? ''),
  };
}
