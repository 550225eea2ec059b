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
