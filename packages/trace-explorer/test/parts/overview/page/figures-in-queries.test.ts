import t from 'tap';
import type { Place } from '../../../../src/core/places/place.ts';
import { FAILED } from '../../../../src/core/query/build/failed-spans.ts';
import { parseQuery } from '../../../../src/core/query/parse/parse-query.ts';
import { runQuery } from '../../../../src/core/query/run/run-query.ts';
import { callPlace } from '../../../../src/parts/map/page/span-places.ts';
import type { ServiceMap } from '../../../../src/parts/map/server/schemas.ts';
import {
  dependencyPlace,
  ofService,
  requestsPlace,
  routePlace,
  routesPlace,
} from '../../../../src/parts/overview/page/overview-places.ts';
import type { Overview, RequestFigures } from '../../../../src/parts/overview/server/schemas.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { randomId, storeSpans } from '../../../spans.ts';

/** Numbers from 0 to below 1, the same ones in each run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** Requests of three services, most of them sampled, each with calls of a database and of an API that sends no spans. */
function sampledRequests(count: number, seed: number): PlainSpan[] {
  const next = numbers(seed);
  const one = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  /** A value under one of the names that its field had. */
  const named = (names: readonly string[], value: string) => ({ [one(names)]: value });
  const duration = () => Math.round(10 ** (next() * 4) * 1000) / 1000;
  const start = BigInt(Date.now() - 300_000) * 1_000_000n;
  return Array.from({ length: count }, () => {
    const [service, traceId, spanId] = [one(['shop', 'users', 'mail']), randomId(16), randomId(8)];
    const rate = one([1, 1, 2, 7, 40]);
    const sampled = rate === 1 ? {} : { SampleRate: rate };
    const failed = (share: number) => (next() < share ? { status: 2 as const } : {});
    const call = (attributes: Record<string, string>): PlainSpan => ({
      traceId,
      parentSpanId: spanId,
      service,
      name: 'call',
      kind: 3,
      start,
      durationMs: duration(),
      attributes: { ...attributes, ...sampled },
      ...failed(0.1),
    });
    return [
      {
        traceId,
        spanId,
        service,
        name: one(['GET /', 'GET /cart', 'POST /order']),
        kind: one([1, 2, 2, 5]),
        start,
        durationMs: duration(),
        attributes: { 'user.id': one(['ann', 'bob', 'cem']), ...sampled },
        ...failed(0.2),
      },
      call({
        ...named(['db.system.name', 'db.system'], 'postgresql'),
        ...named(['db.namespace', 'db.name'], one(['ledger', 'stock'])),
      }),
      call(named(['server.address', 'net.peer.name', 'peer.service'], one(['bank.example', 'maps.example']))),
    ];
  }).flat();
}

t.test('each figure of the overview is that of the query that it leads to, over sampled spans', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, sampledRequests(1_000, 7));
  const overview = (await get('/api/overview?time_range=600')).body as Overview;
  t.ok(overview.estimated);

  const calculations = [
    { op: 'COUNT' },
    { op: 'COUNT', name: 'errors', filters: FAILED },
    { op: 'P50', column: 'duration_ms' },
    { op: 'P95', column: 'duration_ms' },
    { op: 'SUM', column: 'duration_ms' },
  ];
  const asked = async ({ params }: Place, more: object = {}) => {
    const { breakdowns: _, orders: _orders, ...query } = JSON.parse(params.query ?? '{}');
    const spec = parseQuery({ ...query, calculations, ...more });
    return (await runQuery(store, '__all__', spec)).results.map(({ data }) => data);
  };
  // Durations of sampled spans are kept in steps of 0.4 %.
  const near = (found: unknown, wanted: number, what: string) =>
    t.ok(Math.abs(Number(found) - wanted) <= 0.005 * wanted, `${what}: ${found}, ${wanted}`);
  const same = (what: string, figures: RequestFigures, [row]: Awaited<ReturnType<typeof asked>>) => {
    t.match(row, { COUNT: figures.count, errors: figures.errors }, what);
    near(row?.['P50(duration_ms)'], figures.p50_ms, `${what}, P50`);
    near(row?.['P95(duration_ms)'], figures.p95_ms, `${what}, P95`);
  };

  same('all requests', overview.requests, await asked(requestsPlace(600)));
  t.match(await asked(requestsPlace(600, FAILED)), [{ COUNT: overview.requests.errors }]);

  t.equal(overview.routes.length, 9);
  for (const route of overview.routes) {
    const what = `${route.service} ${route.name}`;
    same(what, route, await asked(routePlace(route, 600)));
    t.match(await asked(routePlace(route, 600, true)), [{ COUNT: route.errors }], `${what}, failed`);
  }

  t.equal(overview.users.length, 3);
  for (const user of overview.users) {
    const ofUser = { column: overview.user_field ?? '', op: '=', value: user.user } as const;
    same(user.user, user, await asked(requestsPlace(600, [ofUser])));
  }

  t.equal(overview.dependencies.length, 4);
  for (const dependency of overview.dependencies) {
    const rows = await asked(dependencyPlace(dependency, 600));
    same(dependency.name, dependency, rows);
    near(rows[0]?.['SUM(duration_ms)'], dependency.total_ms, `${dependency.name}, total`);
  }

  const own = (await get('/api/overview?time_range=600&service=shop')).body as Overview;
  same('one service', own.requests, await asked(requestsPlace(600, ofService('shop'))));
  t.equal(own.dependencies.length, 4);
  for (const dependency of own.dependencies)
    same(`${dependency.name} of shop`, dependency, await asked(dependencyPlace(dependency, 600, 'shop')));
});

t.test('the query of all routes has every route, and that of a dependency all of its callers', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const NAMES = 130;
  const names = Array.from({ length: NAMES }, (_, i) => `GET /${i}`);
  const database = { 'db.system.name': 'postgresql', 'db.namespace': 'ledger' };
  await storeSpans(
    store,
    names.flatMap((name): PlainSpan[] => {
      const [traceId, spanId] = [randomId(16), randomId(8)];
      return [
        { traceId, spanId, service: 'shop', name, kind: 2, durationMs: 5 },
        {
          traceId,
          parentSpanId: spanId,
          service: 'shop',
          name,
          kind: 3,
          durationMs: 2,
          attributes: database,
        },
      ];
    }),
  );
  const { routes, more_routes, dependencies } = (await get('/api/overview?time_range=600')).body as Overview;
  const asked = async ({ params }: Place) =>
    (await runQuery(store, '__all__', parseQuery(JSON.parse(params.query ?? '{}')))).results;
  t.equal((await asked(routesPlace(600))).length, routes.length + more_routes);
  for (const dependency of dependencies) {
    const calls = (await asked(dependencyPlace(dependency, 600))).map(({ data }) => Number(data.COUNT));
    t.equal(
      calls.reduce((sum, each) => sum + each, 0),
      dependency.count,
    );
  }
  const { body } = await get('/api/map?time_range=600');
  const map = body as ServiceMap;
  for (const call of map.calls) {
    const rows = (await asked(callPlace(call, map, 600))).map(({ data }) => data);
    const sumOf = (name: string) => rows.reduce((sum, row) => sum + Number(row[name]), 0);
    t.equal(sumOf('COUNT'), call.count);
    t.equal(sumOf('SUM(duration_ms)'), call.total_ms, 'the time of all calls, as on the path of time');
    t.equal(rows[0]?.['P95(duration_ms)'], call.p95_ms, 'the percentile that the map says');
  }
});
