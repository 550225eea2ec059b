import { PULL_NAME, PULLED, Pulled } from '../../../core/fields/pulled.ts';
import { readBySchema } from '../../../core/query/parse/read-by-schema.ts';
import { readDeploys } from '../../../core/range/deploys.ts';
import { oldestTime, rangeBefore } from '../../../core/range/range-before.ts';
import { readUsualShares } from '../../../core/range/usual-shares.ts';
import { firstField } from '../../../core/store/read/field-sql.ts';
import { namedColumns, number, text } from '../../../core/store/read/named-columns.ts';
import type { SpanStore } from '../../../core/store/store.ts';
import type { RangeOptions, SpansInRange } from '../../../core/traces/read/spans-in-range.ts';
import { spansInRange } from '../../../core/traces/read/spans-in-range.ts';
import { trafficSql } from '../../../core/traces/read/traffic-sql.ts';
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
    readRequests(spans),
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

/** Values of column `part` of the rows below. */
const PART = { route: 1, user: 6, all: 7 };

/**
 * Requests in total, by route (equal P95 by service and name, so that each read has the same order) and by user: in one scan of
 * the spans. Plain SQL, because a query calls either all of its rows estimates or none, and does not count the
 * stored spans beside the weighted ones.
 */
async function readRequests({ weighted, requests, read }: SpansInRange): Promise<Requests> {
  const sets = [['service', 'route'], ['user'], []];
  const figuresOf = trafficSql(weighted, SHARES).bySets(REQUESTS, ['service', 'route', 'user'], sets);
  const isUser = `part = ${PART.user}`;
  const order = `${isUser} AND stored >= ${ENOUGH_USER_REQUESTS} DESC, quantiles[CASE WHEN ${isUser} THEN 1 ELSE 2 END] DESC, service, route, user`;
  const rows = await read(
    `SELECT ${GROUP.sql}, * EXCLUDE (part, stored, total, service, route, user) FROM (${figuresOf})
    WHERE NOT (${isUser}) OR (user IS NOT NULL AND stored >= ${MIN_USER_REQUESTS})
    QUALIFY row_number() OVER (PARTITION BY part ORDER BY ${order}) <= CASE WHEN ${isUser} THEN ${MAX_USERS} ELSE ${MAX_ROUTES} END
    ORDER BY part, ${order}`,
    ...requests,
  );
  const groups = rows.map((row) => ({ ...GROUP.rowOf(row), figures: figures(row.slice(GROUP.length)) }));
  const routes = groups.filter(({ part }) => part === PART.route);
  const users = groups.filter(({ part }) => part === PART.user);
  return {
    requests: groups.find(({ part }) => part === PART.all)?.figures ?? figures([]),
    services: routes[0]?.services ?? 0,
    routes: routes.map(({ service, route, figures }) => ({ service, name: route, ...figures })),
    more_routes: (routes[0]?.count ?? 0) - routes.length,
    users: users.map(({ user, figures }) => ({ user, ...figures })),
  };
}

/** A route, a user, or all requests; and how many groups and services its part has. */
const GROUP = namedColumns({
  part: number('part'),
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
