import { PULL_NAME, PULLED, Pulled } from '../../../core/fields/pulled.ts';
import { firstRequestsSql } from '../../../core/problems/read/first-requests.ts';
import { bySlowness, slownessOf } from '../../../core/problems/unit-spans.ts';
import { LEAST_FOR_P95 } from '../../../core/query/build/slow-routes.ts';
import { readBySchema } from '../../../core/query/parse/read-by-schema.ts';
import { readDeploys } from '../../../core/range/deploys.ts';
import { oldestTime, rangeBefore } from '../../../core/range/range-before.ts';
import { readUsualShares } from '../../../core/range/usual-shares.ts';
import { firstField } from '../../../core/store/read/field-sql.ts';
import { namedColumns, number, text } from '../../../core/store/read/named-columns.ts';
import type { SpanStore } from '../../../core/store/store.ts';
import type { RangeOptions, SpansInRange } from '../../../core/traces/read/spans-in-range.ts';
import { spansInRange } from '../../../core/traces/read/spans-in-range.ts';
import { trafficFigures, trafficSql } from '../../../core/traces/read/traffic-sql.ts';
import type { TimeInterval } from '../../../lib/time/time-range.ts';
import { epochSeconds } from '../../../lib/time/time-range.ts';
import { figures, readDependencies } from './dependencies.ts';
import { readReplacedNames } from './replaced-names.ts';
import type { Overview, RequestFigures } from './schemas.ts';

/** Routes that the page gets. Nobody reads a longer table. */
const MAX_ROUTES = 1000;
const MAX_USERS = 6;
/** Fewer requests do not show that a user is slow. */
const MIN_USER_REQUESTS = 3;
/** Users with fewer requests come after the others, because few requests say little about a user. */
const ENOUGH_USER_REQUESTS = 20;

const SHARES = [0.5, 0.95];

/** Reads the overview, of all services or of one, in a dozen statements. Independent statements run side by side. */
export async function readOverview(
  store: SpanStore,
  range: TimeInterval,
  options: RangeOptions = {},
): Promise<Overview> {
  const spans = await spansInRange(store, range, options);
  const { joined } = spans;
  const deploys = await readDeploys(store, range.end, options);
  const [requests, before, oldest, dependencies, notices, counted] = await Promise.all([
    readRequests(store, spans),
    readBefore(store, range, options),
    oldestTime(store, options),
    readDependencies(spans),
    readReplacedNames(store, spans),
    readCounted(store, spans),
  ]);
  const usualOf = await readUsualShares(store, range, requests.routes, options);
  return {
    ...epochSeconds(range),
    estimated:
      spans.weighted && [requests.requests, ...dependencies].some(({ stored }) => stored !== undefined),
    ...(joined.oneIn > 1 && { one_trace_in: joined.oneIn }),
    spans: store.stats().spans,
    logs: store.stats().logs,
    ...(oldest !== undefined && { oldest: Number(oldest / 1000n) / 1e6 }),
    notices,
    ...requests,
    routes: requests.routes.map((route) => ({ ...route, ...usualOf(route) })),
    ...(before && { before }),
    ...(counted && { counted }),
    ...(spans.userField !== undefined && { user_field: spans.userField }),
    dependencies,
    deploys: deploys.filter(({ service }) => service === (options.service ?? service)),
  };
}

type Requests = Pick<Overview, 'requests' | 'services' | 'routes' | 'more_routes' | 'users'>;

const REQUESTS = `(SELECT service, coalesce(name, '') AS route, user, error, duration, weight FROM s)`;

/** Values of column `part` of the rows below. `others`: of a route, those that were not the first of their process. */
const PART = { others: 2, route: 3, user: 13, all: 15 };
const PART_SETS = [['service', 'route', 'is_first'], ['service', 'route'], ['user'], []];
const KEYS = ['service', 'route', 'user', 'is_first'];

/**
 * Requests in total, by route (equally slow ones by service and name, so that each read has the same order) and by user: in one scan
 * of the spans. Plain SQL, because a query calls either all of its rows estimates or none, and does not count the
 * stored spans beside the weighted ones.
 */
async function readRequests(store: SpanStore, { weighted, requests, read }: SpansInRange): Promise<Requests> {
  const source = `(SELECT *, seq IN (${firstRequestsSql(store)}) AS is_first FROM
    (SELECT service, coalesce(name, '') AS route, user, error, duration, weight, seq FROM s))`;
  const figuresOf = trafficSql(weighted, [...SHARES, 1]).bySets(source, KEYS, PART_SETS);
  const isUser = `part = ${PART.user}`;
  const slow = `CASE WHEN ${isUser} THEN quantiles[1] WHEN stored < ${LEAST_FOR_P95} THEN quantiles[3] ELSE quantiles[2] END`;
  const order = `${isUser} AND stored >= ${ENOUGH_USER_REQUESTS} DESC, ${slow} DESC, service, route, user`;
  // A route whose first requests were the slowest may come behind many others without them.
  const most = `CASE part WHEN ${PART.user} THEN ${MAX_USERS} WHEN ${PART.route} THEN ${MAX_ROUTES} ELSE ${2 * MAX_ROUTES} END`;
  const rows = await read(
    `SELECT ${GROUP.sql}, * EXCLUDE (part, stored, total, ${KEYS.join(', ')}) FROM (${figuresOf})
    WHERE (NOT (${isUser}) OR (user IS NOT NULL AND stored >= ${MIN_USER_REQUESTS})) AND NOT (part = ${PART.others} AND is_first)
    QUALIFY row_number() OVER (PARTITION BY part ORDER BY ${order}) <= ${most}
    ORDER BY part, ${order}`,
    ...requests,
  );
  const groups = rows.map((row) => ({
    ...GROUP.rowOf(row),
    figures: requestFigures(row.slice(GROUP.length)),
  }));
  const keyOf = ({ service, route }: Pick<(typeof groups)[number], 'service' | 'route'>) =>
    JSON.stringify([service, route]);
  const others = new Map(
    groups.filter(({ part }) => part === PART.others).map((group) => [keyOf(group), group]),
  );
  const routes = groups.filter(({ part }) => part === PART.route);
  const users = groups.filter(({ part }) => part === PART.user);
  const slowness = (group: (typeof groups)[number]) => {
    const { stored, figures } = others.get(keyOf(group)) ?? group;
    return slownessOf({ ...figures, of: stored });
  };
  return {
    requests: told(groups.find(({ part }) => part === PART.all)?.figures ?? requestFigures([])),
    services: routes[0]?.services ?? 0,
    routes: routes
      .map((group) => ({
        service: group.service,
        name: group.route,
        ...told(group.figures),
        ...slowness(group),
      }))
      .toSorted(bySlowness),
    more_routes: (routes[0]?.count ?? 0) - routes.length,
    users: users.map(({ user, figures }) => ({ user, ...told(figures) })),
  };
}

/** The figures of a row, and its slowest request. */
function requestFigures(row: readonly unknown[]): RequestFigures & { readonly slowest_ms: number } {
  const { quantiles } = trafficFigures(row);
  return { ...figures(row), slowest_ms: quantiles[2] ?? 0 };
}

function told({ slowest_ms: _, ...others }: ReturnType<typeof requestFigures>): RequestFigures {
  return others;
}

/** A route, a user, or all requests; and how many groups and services its part has. */
const GROUP = namedColumns({
  part: number('part'),
  stored: number('stored'),
  count: number('count(*) OVER (PARTITION BY part)'),
  services: number('count(DISTINCT service) OVER (PARTITION BY part)'),
  service: text('service'),
  route: text('route'),
  user: text('user'),
});

/** What an engine counted, of whose traces some were pulled. */
async function readCounted(
  store: SpanStore,
  { readPlain, ofService }: SpansInRange,
): Promise<Pulled | undefined> {
  const fields = store.fields();
  if (!fields.has(PULL_NAME) || ofService !== 'true') return undefined;
  const [row] = await readPlain(
    `SELECT ${firstField(fields, 'body')} FROM spans WHERE _time >= $1 AND _time < $2
    AND ${firstField(fields, 'event.name')} = '${PULLED}' ORDER BY _time DESC LIMIT 1`,
  );
  try {
    return row && readBySchema(Pulled, JSON.parse(String(row[0])));
  } catch {
    return undefined; // somebody else's record
  }
}

/** The requests of the range of equal length before, where it is stored. */
async function readBefore(
  store: SpanStore,
  range: TimeInterval,
  options: RangeOptions,
): Promise<RequestFigures | undefined> {
  const before = await rangeBefore(store, range, options);
  if (before === undefined) return undefined;
  const { weighted, requests, read } = await spansInRange(store, before, { ...options, share: 'none' });
  const traffic = trafficSql(weighted, SHARES);
  const [row] = await read(`SELECT ${traffic.columns} FROM ${traffic.from(REQUESTS, [])}`, ...requests);
  return row && figures(row);
}
