import { nanosecondsOf } from '../shared/time-range.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';
import { bySlowest, findTraceIds } from '../traces/list/find-traces.ts';
import { readSummaries } from '../traces/list/summaries.ts';
import type { RangeOptions, SpansInRange } from '../traces/read/spans-in-range.ts';
import { spansInRange } from '../traces/read/spans-in-range.ts';
import { trafficSql } from '../traces/read/traffic-sql.ts';
import { readDependencies } from './dependencies.ts';
import { readDeploys } from './deploys.ts';
import { readErrors } from './errors.ts';
import { figures } from './figures.ts';
import type { Overview } from './overview.ts';
import { readReplacedNames } from './replaced-names.ts';

/** Routes that the page gets. Nobody reads a longer table. */
const MAX_ROUTES = 1000;
const MAX_USERS = 6;
const TRACES = 8;
/** Candidates, slow by the clocks of their hosts. Among them are the traces that are slow by the corrected clock. */
const SLOW_CANDIDATES = 4 * TRACES;
/** A user with fewer requests is not said to be slow. */
const MIN_USER_REQUESTS = 3;
/** Users with fewer requests come after the others, because few requests say little about a user. */
const ENOUGH_USER_REQUESTS = 20;

const SHARES = [0.5, 0.95];

/** Reads the overview in a dozen statements. Independent statements run side by side. */
export async function readOverview(
  store: SpanStore,
  range: { readonly startTime: number; readonly endTime: number },
  options: RangeOptions = {},
): Promise<Overview> {
  const spans = await spansInRange(store, range, options);
  const { joined } = spans;
  const traces = await readTraces(store, range, options);
  const deploys = await readDeploys(store, nanosecondsOf(range.endTime), options);
  const [requests, dependencies, errors, notices] = await Promise.all([
    readRequests(spans),
    readDependencies(spans),
    readErrors(store, spans, options),
    readReplacedNames(store, spans),
  ]);
  return {
    start_time: range.startTime,
    end_time: range.endTime,
    estimated:
      spans.weighted && [requests.requests, ...dependencies, ...errors].some(({ estimated }) => estimated),
    ...(joined.oneIn > 1 && { one_trace_in: joined.oneIn }),
    spans: store.stats().spans,
    notices,
    ...requests,
    ...(spans.userField !== undefined && { user_field: spans.userField }),
    dependencies,
    errors,
    ...traces,
    deploys,
  };
}

type Requests = Pick<Overview, 'requests' | 'services' | 'routes' | 'more_routes' | 'users'>;

const REQUESTS = `(SELECT service, coalesce(name, '') AS route, user, error, duration, weight FROM s)`;

/**
 * Requests in total, by route (equal P95 by service and name, so that each read has the same order) and by user. SQL, as a
 * query says for all of its rows together whether they are estimates, and counts no stored spans beside weighted ones.
 */
async function readRequests({ weighted, userField, requests, read }: SpansInRange): Promise<Requests> {
  const traffic = trafficSql(weighted, SHARES);
  const byRoute = `SELECT service, route, count(*) OVER (), count(DISTINCT service) OVER (), ${traffic.columns}
    FROM ${traffic.from(REQUESTS, ['service', 'route'])} GROUP BY service, route
    ORDER BY quantiles[2] DESC, service, route LIMIT ${MAX_ROUTES}`;
  const ofUsers = `(SELECT * FROM ${REQUESTS} WHERE user IS NOT NULL)`;
  const byUser = `SELECT user, ${traffic.columns} FROM ${traffic.from(ofUsers, ['user'])} GROUP BY user
    HAVING ${traffic.stored} >= ${MIN_USER_REQUESTS}
    ORDER BY ${traffic.stored} >= ${ENOUGH_USER_REQUESTS} DESC, quantiles[1] DESC, user LIMIT ${MAX_USERS}`;
  const [[total = []], routes, users] = await Promise.all([
    read(`SELECT ${traffic.columns} FROM ${traffic.from(REQUESTS, [])}`, ...requests),
    read(byRoute, ...requests),
    userField === undefined ? [] : read(byUser, ...requests),
  ]);
  return {
    requests: figures(total),
    services: Number(routes[0]?.[3] ?? 0),
    routes: routes.map(([service, name, , , ...rest]) => ({
      service: String(service),
      name: String(name),
      ...figures(rest),
    })),
    more_routes: Number(routes[0]?.[2] ?? 0) - routes.length,
    users: users.map(([user, ...rest]) => ({ user: String(user), ...figures(rest) })),
  };
}

/** The newest and the slowest traces. Both lists are read together, so that shared rows are looked up once. */
async function readTraces(
  store: SpanStore,
  range: { readonly startTime: number; readonly endTime: number },
  options: ReadOptions,
): Promise<Pick<Overview, 'newest' | 'slowest'>> {
  const find = (order: 'newest' | 'slowest', limit: number) =>
    findTraceIds(store, { order, limit, start_time: range.startTime, end_time: range.endTime }, options);
  const [newest, slowest] = await Promise.all([find('newest', TRACES), find('slowest', SLOW_CANDIDATES)]);
  const summaries = await readSummaries(store, [...new Set([...newest.ids, ...slowest.ids])], options);
  const byId = new Map(summaries.map((each) => [each.trace_id, each]));
  const summariesOf = (ids: readonly string[]) => ids.flatMap((id) => byId.get(id) ?? []);
  return {
    newest: summariesOf(newest.ids),
    slowest: summariesOf(slowest.ids).sort(bySlowest).slice(0, TRACES),
  };
}
