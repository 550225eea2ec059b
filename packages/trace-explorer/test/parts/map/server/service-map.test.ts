import t from 'tap';
import { at, ids, temporaryExplorer } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { storeSpans } from '../../../spans.ts';

const id = ids();

t.test('the map shows services, their calls and their databases with rates and errors', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const spans: PlainSpan[] = [];
  for (let n = 0; n < 10; n++) {
    const base = { traceId: id(`t${n}`, 16) };
    const span = (name: string) => id(`${n} ${name}`);
    spans.push(
      { ...base, service: 'api', spanId: span('root'), kind: 2, start: at(n), durationMs: 20 },
      {
        ...base,
        service: 'api',
        spanId: span('client'),
        parentSpanId: span('root'),
        kind: 3,
        start: at(n),
        durationMs: 15,
      },
      {
        ...base,
        service: 'users',
        spanId: span('server'),
        parentSpanId: span('client'),
        kind: 2,
        start: at(n),
        durationMs: 10,
        status: n < 3 ? 2 : 0,
      },
      {
        ...base,
        service: 'users',
        spanId: span('sql'),
        parentSpanId: span('server'),
        kind: 3,
        start: at(n),
        durationMs: n + 1,
        attributes: { 'db.system.name': 'sqlite', 'db.namespace': 'users' },
      },
      {
        ...base,
        service: 'users',
        spanId: span('inner'),
        parentSpanId: span('client'),
        kind: 1,
        start: at(n),
        durationMs: 1,
      },
    );
  }
  await storeSpans(store, spans);
  const range = `start_time=${Number(at(-1000)) / 1e9}&end_time=${Number(at(9000)) / 1e9}`;
  const { status, body } = await get(`/api/map?${range}`);
  t.equal(status, 200);
  t.match(body.services, [
    { name: 'api', type: 'service', count: 10, errors: 0, error_share: 0, p50_ms: 20, p99_ms: 20 },
    { name: 'users', type: 'service', count: 10, errors: 3, error_share: 0.3, p50_ms: 10 },
    { name: 'sqlite users', type: 'database', count: 10, p50_ms: 5.5, p99_ms: 9.91 },
  ]);
  t.ok(Math.abs(body.services[0].rate_per_second - 1) < 1e-6);
  t.match(body.calls, [
    { from: 'api', to: 'users', count: 10, errors: 3, error_share: 0.3, p50_ms: 10 },
    { from: 'users', to: 'sqlite users', count: 10 },
  ]);
  t.equal(body.calls.length, 2);
});

t.test('the map keeps to its time range and is empty without spans', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  t.match((await get('/api/map')).body, { services: [], calls: [] });
  await storeSpans(store, [{ start: at(0) }]);
  t.equal((await get('/api/map')).body.services.length, 1);
  t.equal((await get(`/api/map?end_time=${Number(at(-10)) / 1e9}`)).body.services.length, 0);
  t.equal((await get('/api/map?time_range=-1')).status, 400);
});

t.test('a service names its namespace', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, [
    { service: 'cart', kind: 2, start: at(0), resource: { 'service.namespace': 'shop' } },
    { service: 'mail', kind: 2, start: at(0) },
  ]);
  const { body } = await get(`/api/map?end_time=${Number(at(60)) / 1e9}`);
  t.match(body.services, [{ name: 'cart', namespace: 'shop' }, { name: 'mail' }]);
  t.notOk('namespace' in body.services[1]);
});

t.test('the usual share of failures is that of the time before, where it decides what is red', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const request = (service: string, n: number, start: bigint, status: 0 | 2): PlainSpan => ({
    traceId: id(`${service} ${start} ${n}`, 16),
    spanId: id(`${service} ${start} ${n}`),
    service,
    kind: 2,
    start,
    durationMs: 1,
    status,
  });
  const many = (service: string, count: number, errors: number, start: bigint) =>
    Array.from({ length: count }, (_, n) => request(service, n, start, n < errors ? 2 : 0));
  await storeSpans(store, [
    ...many('api', 40, 1, at(-10_000)),
    ...many('rare', 29, 1, at(-10_000)),
    ...many('api', 200, 1, at(0)),
    ...many('rare', 200, 1, at(0)),
  ]);
  const seconds = (ms: number) => Number(at(ms)) / 1e9;
  const read = async (start: number, end: number) =>
    (await get(`/api/map?start_time=${seconds(start)}&end_time=${seconds(end)}`)).body.services;
  t.match(await read(0, 10_000), [
    { name: 'api', error_share: 0.005, usual_error_share: 0.025 },
    { name: 'rare', error_share: 0.005, usual_error_share: undefined },
  ]);
  t.match(await read(0, 20_000), [{ usual_error_share: undefined }, {}], 'not stored since its beginning');
  t.match(await read(-10_000, 0), [{ error_share: 0.025, usual_error_share: undefined }, {}], 'not needed');
});
