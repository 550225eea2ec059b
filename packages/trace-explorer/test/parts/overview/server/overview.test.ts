import t from 'tap';
import { at, ids, temporaryExplorer } from '../../../explorer.ts';
import { storeSpans } from '../../../spans.ts';

const id = ids();

t.test('a call is a dependency only when its other side sends no spans', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const call = { traceId: id('t', 16), service: 'shop', kind: 3, start: at(1), parentSpanId: id('root') };
  await storeSpans(store, [
    { traceId: id('t', 16), service: 'shop', kind: 2, spanId: id('root'), start: at(0), durationMs: 90 },
    { ...call, spanId: id('inside'), durationMs: 50, attributes: { 'server.address': 'users.internal' } },
    { ...call, service: 'users', kind: 2, parentSpanId: id('inside'), durationMs: 40 },
    { ...call, durationMs: 30, attributes: { 'server.address': 'api.bank.example' } },
    { ...call, durationMs: 20, attributes: { 'server.address': 'api.bank.example' }, status: 2 },
    { ...call, kind: 4, durationMs: 5, attributes: { 'messaging.destination.name': 'orders' } },
  ]);
  const { body } = await get('/api/overview');
  t.match(body.dependencies, [
    { name: 'api.bank.example', count: 2, errors: 1, total_ms: 50 },
    { name: 'orders', count: 1, total_ms: 5 },
  ]);
  t.equal(body.dependencies.length, 2);
  t.match(body, { requests: { count: 2 }, services: 2, users: [] });
  t.notOk('user_field' in body);
});

t.test('the overview of one service has its requests, users, calls and deploys alone', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const request = (service: string, version: string, minutes: number) => ({
    traceId: id(`${service} ${minutes}`, 16),
    spanId: id(`${service} ${minutes}`),
    service,
    name: `GET /${service}`,
    kind: 2,
    start: at(-60_000 * minutes),
    durationMs: 5,
    attributes: { 'user.id': `user of ${service}` },
    resource: { 'service.version': version },
  });
  const shops = [1, 2, 3, 61].map((minutes) => request('shop', minutes === 61 ? '1' : '2', minutes));
  const others = [1, 2, 3, 4].map((minutes) => request("o'hara", minutes === 4 ? '1' : '2', minutes));
  const [asking] = shops;
  const call = { ...asking, kind: 3, parentSpanId: asking?.spanId ?? '' };
  await storeSpans(store, [
    ...shops,
    ...others,
    { ...call, spanId: id('inside'), attributes: { 'server.address': 'users.internal' } },
    { ...call, spanId: id('asked'), service: 'users', kind: 2, parentSpanId: id('inside') },
    { ...call, spanId: id('bank'), attributes: { 'server.address': 'bank' } },
    { ...call, spanId: id('maps'), service: "o'hara", attributes: { 'server.address': 'maps' } },
  ]);
  for (const [service, count, called] of [
    ['shop', 3, 'bank'],
    ["o'hara", 4, 'maps'],
  ] as const) {
    const { body } = await get(`/api/overview?service=${encodeURIComponent(service)}`);
    t.match(body, {
      requests: { count },
      services: 1,
      routes: [{ service, count }],
      users: [{ user: `user of ${service}` }],
      dependencies: [{ name: called }],
      deploys: [{ service, version: '2' }],
    });
    for (const list of ['routes', 'users', 'dependencies', 'deploys']) t.equal(body[list].length, 1, list);
  }
  t.match((await get('/api/overview?service=nobody')).body, { requests: { count: 0 }, dependencies: [] });
});

t.test('a dependency has one line, whichever of its names the conventions gave a field', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const call = { traceId: id('t', 16), service: 'shop', kind: 3, start: at(1), parentSpanId: id('root') };
  const calls = (durationMs: number, ...attributes: Record<string, string>[]) =>
    attributes.map((each) => ({ ...call, durationMs, attributes: each }));
  await storeSpans(store, [
    ...calls(80, { 'server.address': 'bank' }, { 'net.peer.name': 'bank' }, { 'peer.service': 'bank' }),
    ...calls(
      70,
      { 'db.system.name': 'mysql', 'db.namespace': 'shop' },
      { 'db.system': 'mysql', 'db.name': 'shop' },
    ),
    ...calls(60, { 'messaging.destination.name': 'orders' }, { 'messaging.destination': 'orders' }),
    ...calls(50, { 'rpc.service': 'shop.Cart' }),
    ...calls(40, { 'messaging.system': 'kafka' }),
  ]);
  const { body } = await get('/api/overview');
  t.match(body.dependencies, [
    { name: 'bank', count: 3 },
    { name: 'mysql shop', count: 2 },
    { name: 'orders', count: 2 },
    { name: 'shop.Cart', count: 1 },
    { name: 'kafka', count: 1 },
  ]);
  t.same(body.dependencies[1].fields, [
    { field: 'db.system.name', value: 'mysql', or: ['db.system'] },
    { field: 'db.namespace', value: 'shop', or: ['db.name'] },
  ]);
  t.match(body.notices, [
    /^The conventions have replaced names in 5 spans of shop, such as .* verify --service shop$/,
  ]);
});

t.test('rows with equal figures keep their order', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const numbers = Array.from({ length: 40 }, (_, i) => (i * 7) % 40);
  const request = { service: 'shop', kind: 2, start: at(0), durationMs: 5 };
  const calls = numbers.slice(0, 8).map((i) => {
    return { ...request, kind: 3, name: 'GET', attributes: { 'server.address': `host-${i}` } };
  });
  await storeSpans(store, [...numbers.map((i) => ({ ...request, name: `GET /${i}` })), ...calls]);
  const { body } = await get('/api/overview');
  for (const figures of [body.routes, body.dependencies]) {
    const names = figures.map(({ name }: { name: string }) => name);
    t.ok(names.length >= 8);
    t.same(names, names.toSorted());
  }
});

for (const rate of [1, 10]) {
  t.test(
    `of more than a thousand routes the slowest are listed, each span standing for ${rate}`,
    async (t) => {
      const { store, get } = await temporaryExplorer(t);
      const attributes = rate === 1 ? {} : { SampleRate: rate };
      const spans = Array.from({ length: 1_003 }, (_, i) => {
        return {
          service: i % 2 ? 'shop' : 'users',
          kind: 2,
          start: at(0),
          durationMs: 10 + i,
          name: `GET /${i}`,
          attributes,
        };
      });
      await storeSpans(store, spans);
      const { body } = await get('/api/overview');
      t.match(body, { more_routes: 3, services: 2, requests: { count: 1_003 * rate } });
      t.equal(body.routes.length, 1_000);
      t.match(body.routes[0], { name: 'GET /1002', service: 'users' });
      t.match(body.routes.at(-1), { name: 'GET /3' });
    },
  );
}

t.test('an empty store, and one whose spans are older, have an overview', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  t.match((await get('/api/overview')).body, {
    spans: 0,
    requests: { count: 0, p50_ms: 0 },
    routes: [],
  });
  await storeSpans(store, [{ start: at(-7_200_000) }]);
  t.match((await get('/api/overview')).body, { spans: 1, requests: { count: 0 }, routes: [] });
  t.equal((await get('/api/overview?time_range=0')).status, 400);
});

for (const rate of [1, 10]) {
  t.test(
    `users are those of three requests and more, slowest first, each standing for ${rate}`,
    async (t) => {
      const { store, get } = await temporaryExplorer(t);
      const request = (user: string | undefined, durationMs: number, kind = 2) => ({
        service: 'shop',
        name: 'GET /',
        kind,
        start: at(0),
        durationMs,
        attributes: {
          ...(user !== undefined && { 'user.id': user }),
          ...(rate > 1 && { SampleRate: rate }),
        },
      });
      await storeSpans(store, [
        ...[10, 20, 30].map((durationMs) => request('ann', durationMs)),
        ...[40, 50, 60].map((durationMs) => request('bob', durationMs, 1)),
        ...[70, 80].map((durationMs) => request('few', durationMs)),
        ...[90, 90, 90].map((durationMs) => request(undefined, durationMs)),
        { ...request('ann', 1_000, 3), parentSpanId: id('elsewhere') },
      ]);
      const { body } = await get('/api/overview');
      t.match(body, {
        estimated: rate > 1,
        requests: { count: 11 * rate, errors: 0, p50_ms: 60 },
        routes: [{ service: 'shop', name: 'GET /', count: 11 * rate, p50_ms: 60 }],
        user_field: 'user.id',
      });
      const users = body.users.map(({ user, count }: { user: string; count: number }) => [user, count]);
      t.same(users, [
        ['bob', 3 * rate],
        ['ann', 3 * rate],
      ]);
      t.equal(body.routes.length, 1);
    },
  );
}

t.test(
  'a deploy is the first span of a version after another one of the service; times can be absolute',
  async (t) => {
    const { store, get } = await temporaryExplorer(t);
    const request = (service: string, version: string, start: bigint) => {
      return {
        service,
        name: 'GET /',
        kind: 2,
        start,
        durationMs: 5,
        resource: { 'service.version': version },
      };
    };
    await storeSpans(store, [
      request('shop', '1.9', at(-9_000_000)),
      request('shop', '1.9', at(0)),
      request('users', '7', at(1)),
      request('shop', '1.10', at(2000)),
      request('shop', '1.9', at(3000)),
      request('shop', '1.10', at(4000)),
    ]);
    const { body } = await get('/api/overview');
    const time = new Date(Number(at(2000) / 1_000_000n)).toISOString();
    t.match(body.deploys, [{ service: 'shop', version: '1.10', previous: '1.9' }]);
    t.equal(Date.parse(body.deploys[0].time), Date.parse(time));
    t.equal(body.deploys.length, 1);
    t.same((await get('/api/deploys')).body, body.deploys, 'for charts alone');
    t.same((await get('/api/deploys?service=other')).body, []);
    const seconds = (ms: number) => Math.floor(Number(at(ms)) / 1e9);
    t.match(
      body.deploys[0],
      { start_time: seconds(2000) - 3600, end_time: seconds(4000) + 1 },
      'the hour before, and as far as the version has come',
    );
    const from = Number(at(1500) / 1000n) / 1e6;
    const part = await get(`/api/overview?start_time=${from}&end_time=${from + 2}`);
    t.match(part.body, { requests: { count: 2 }, start_time: from });
  },
);

t.test('users with few requests come after users with many', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const of = (user: string, count: number, durationMs: number) =>
    Array.from({ length: count }, (_, i) => {
      const attributes = { 'user.id': user };
      return { service: 'shop', name: 'GET /', kind: 2, start: at(i), durationMs, attributes };
    });
  await storeSpans(store, [...of('often', 25, 10), ...of('seldom', 9, 900)]);
  const { body } = await get('/api/overview');
  t.same(
    body.users.map(({ user }: { user: string }) => user),
    ['often', 'seldom'],
  );
});

t.test(
  'requests of the range before count by their sample rate, also where there are no others',
  async (t) => {
    const { store, get } = await temporaryExplorer(t);
    const request = { service: 'shop', kind: 2, durationMs: 5 };
    const minute = 60_000;
    await storeSpans(store, [
      { ...request, start: at(-150 * minute) },
      { ...request, start: at(-90 * minute), attributes: { SampleRate: 10 } },
      { ...request, start: at(-30 * minute) },
    ]);
    const overview = (await get('/api/overview?time_range=3600')).body;
    t.match(overview, { requests: { count: 1 }, before: { count: 10, stored: 1 } });
  },
);

t.test('the overview says when the first span began, whenever it arrived', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  t.notOk('oldest' in (await get('/api/overview')).body);
  await storeSpans(store, [
    { traceId: id('now', 16), start: at(0) },
    { traceId: id('before', 16), start: at(-7_200_000) },
  ]);
  t.equal((await get('/api/overview')).body.oldest, Number(at(-7_200_000) / 1000n) / 1e6);
});
