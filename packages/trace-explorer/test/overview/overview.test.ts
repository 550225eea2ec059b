import t from 'tap';
import { at, ids, temporaryExplorer } from '../explorer.ts';
import { storeSpans } from '../spans.ts';

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
