import { readWeight } from '../query/run/read-weight.ts';
import { nanosecondsOf } from '../shared/nanoseconds.ts';
import type { ReadOptions, SpanStore } from '../store/types.ts';
import { findTraces } from '../traces/list/find-traces.ts';
import { rfc3339 } from '../traces/read/rfc3339.ts';
import { traceShare } from '../traces/read/trace-share.ts';
import { trafficSql } from '../traces/read/traffic-sql.ts';
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

const SHARES = [0.5, 0.95];

/** Reads it in seven statements side by side: one pass over the spans each. */
export async function readOverview(
  store: SpanStore,
  range: { readonly startTime: number; readonly endTime: number },
  { mostJoined, ...options }: ReadOptions & { readonly mostJoined?: number } = {},
): Promise<Overview> {
  const within = { start: nanosecondsOf(range.startTime), end: nanosecondsOf(range.endTime) };
  const spans = spansInRange(store, within, await readWeight(store, within, options));
  const { weighted } = spans;
  const share = await traceShare(store, within, options, mostJoined);
  const read = async (sql: string, condition?: string) =>
    (await store.read(spans.sql(sql, condition), spans.values, options)).rows;
  const traces = (order: 'newest' | 'slowest') =>
    findTraces(store, { order, limit: TRACES, ...range }, options);
  const [requests, users, dependencies, errors, newest, slowest] = await Promise.all([
    read(routeFigures(weighted)),
    spans.userField === undefined ? [] : read(userFiguresSql(weighted)),
    readDependencies(read, weighted, share),
    // Most spans have no such field: their other columns are not read.
    read(ERRORS, `${store.fields().get('error')?.sql ?? 'NULL'} IS NOT NULL`),
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
    estimated: weighted,
    ...(share.oneIn > 1 && { one_trace_in: share.oneIn }),
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

const REQUESTS = `(SELECT service, coalesce(name, '') AS route, user, error, duration, weight FROM s WHERE request)`;

/** Requests by route, and with neither service nor route all of them. */
function routeFigures(weighted: boolean): string {
  const traffic = trafficSql(weighted, SHARES);
  const from = (keys: readonly string[]) => traffic.from(REQUESTS, keys);
  if (!weighted) {
    return `SELECT service, route, ${traffic.columns} FROM ${from([])} GROUP BY GROUPING SETS ((service, route), ())`;
  }
  // A span's place is another one among all of them than among those of its route.
  return `SELECT service, route, ${traffic.columns} FROM ${from(['service', 'route'])} GROUP BY 1, 2
    UNION ALL SELECT NULL, NULL, ${traffic.columns} FROM ${from([])}`;
}

function userFiguresSql(weighted: boolean): string {
  const traffic = trafficSql(weighted, SHARES);
  const requests = `(SELECT * FROM ${REQUESTS} WHERE user IS NOT NULL)`;
  return `SELECT user, ${traffic.columns} AS quantiles FROM ${traffic.from(requests, ['user'])}
    GROUP BY user HAVING count(*) >= ${MIN_USER_REQUESTS} ORDER BY quantiles[1] DESC, user LIMIT ${MAX_USERS}`;
}

// Only where an error says what it was: a caller's span often has no more than a status.
const ERRORS = `SELECT service, coalesce(name, ''), message, sum(weight), min(time), max(time),
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
