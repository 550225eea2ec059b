import t from 'tap';
import type { Overview } from '../../src/overview/overview.ts';
import { demoTraces, FAILING_SERVICE, SLOW_DATABASE, SLOW_USER } from '../../testing/demo-data/index.ts';
import { at, ids, temporaryExplorer } from '../explorer.ts';
import { storeSpans } from '../spans.ts';

const id = ids();

t.test('the overview of the demo data names the slow user, the slow database and what fails', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const spans = [...demoTraces({ spans: 6000, services: 120, small: true })].flatMap((trace) => trace.spans);
  await storeSpans(store, spans);
  const { status, body } = await get('/api/overview?time_range=4000');
  t.equal(status, 200);
  const overview = body as Overview;
  const requests = spans.filter(({ kind, parentSpanId }) => kind === 2 || parentSpanId === undefined);
  t.equal(overview.requests.count, requests.length);
  t.equal(overview.requests.errors, requests.filter((each) => each.status === 2).length);
  t.equal(
    overview.routes.reduce((sum, route) => sum + route.count, 0),
    requests.length,
    'every request is of one route',
  );
  t.ok(overview.routes.every((route, i) => i === 0 || route.p95_ms <= (overview.routes[i - 1]?.p95_ms ?? 0)));
  t.equal(overview.user_field, 'user.id');
  t.equal(overview.users[0]?.user, SLOW_USER);
  t.ok((overview.users[0]?.p50_ms ?? 0) > 4 * overview.requests.p50_ms);
  t.match(overview.dependencies[0], {
    name: `${SLOW_DATABASE.system} ${SLOW_DATABASE.namespace}`,
    fields: [
      { field: 'db.system.name', value: SLOW_DATABASE.system },
      { field: 'db.namespace', value: SLOW_DATABASE.namespace },
    ],
  });
  const [worst] = overview.routes.toSorted((a, b) => b.errors - a.errors);
  t.equal(worst?.service, FAILING_SERVICE);
  t.ok(overview.errors.length > 3);
  const [newest] = overview.errors;
  const error = spans.find(
    ({ spanId, traceId }) => spanId === newest?.span_id && traceId === newest?.trace_id,
  );
  t.equal(error?.status, 2, 'the newest error leads to its span');
  t.ok(
    overview.slowest.every(
      (trace, i) => i === 0 || trace.duration_ms <= (overview.slowest[i - 1]?.duration_ms ?? 0),
    ),
  );
});

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

t.test('an empty store, and one whose spans are older, have an overview', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  t.match((await get('/api/overview')).body, {
    spans: 0,
    requests: { count: 0, p50_ms: 0 },
    routes: [],
    newest: [],
  });
  await storeSpans(store, [{ start: at(-7_200_000) }]);
  t.match((await get('/api/overview')).body, { spans: 1, requests: { count: 0 }, routes: [], newest: [] });
  t.equal((await get('/api/overview?time_range=0')).status, 400);
});
