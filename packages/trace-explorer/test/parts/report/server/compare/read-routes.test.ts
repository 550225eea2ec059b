import t from 'tap';
import { at, ids, temporaryExplorer } from '../../../../explorer.ts';
import type { PlainSpan } from '../../../../spans.ts';
import { storeSpans } from '../../../../spans.ts';

const id = ids();
const resource = { 'vcs.ref.head.revision': 'main' };

t.test('what counts as a call, and whose', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const base = { traceId: id('t', 16), service: 'shop', start: at(0), resource };
  const below = (parent: string, more: PlainSpan) => ({
    ...base,
    parentSpanId: id(parent),
    kind: 3,
    ...more,
  });
  await storeSpans(store, [
    { ...base, spanId: id('root'), kind: 2, name: 'GET /cart' },
    below('root', { kind: 1, spanId: id('work') }),
    below('work', {
      spanId: id('library'),
      name: 'find',
      attributes: { 'db.system': 'mongodb', 'db.name': 'carts' },
    }),
    below('library', { name: 'find carts', attributes: { 'db.system': 'mongodb' } }),
    below('work', { kind: 4, name: 'publish', attributes: { 'messaging.destination.name': 'orders' } }),
    below('work', { name: 'GET', attributes: { 'server.address': 'bank.example' } }),
    below('work', { spanId: id('call'), name: 'GET' }),
    // A service that says nothing about runs, and calls on its own account.
    below('call', { kind: 2, spanId: id('other'), service: 'users', name: 'GET /users', resource: {} }),
    below('other', { service: 'users', name: 'SELECT users', resource: {} }),
    // Spans of a faulty sender, which share an id and are their own parents.
    ...Array.from({ length: 3 }, () => below('loop', { spanId: id('loop'), name: 'loop' })),
    {
      ...base,
      traceId: id('u', 16),
      kind: 2,
      name: 'GET /',
      resource: { 'vcs.ref.head.revision': 'branch' },
    },
  ]);
  const { body } = await get('/api/compare?base=main&head=branch');
  t.equal(body.routes.length, 2);
  const { calls } = body.routes.find(({ route }: { route: string }) => route === 'GET /cart');
  const call = { base: 1, head: 0 };
  t.same(
    calls.toSorted((a: { to: string }, b: { to: string }) => (a.to < b.to ? -1 : 1)),
    [
      { to: 'bank.example', operation: 'GET', ...call },
      { to: 'mongodb carts', operation: 'find', ...call },
      { to: 'orders', operation: 'publish', ...call },
      { to: 'users', operation: 'GET /users', ...call },
    ],
  );
});

t.test('routes beyond 200 are counted', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const names = Array.from({ length: 203 }, (_, n) => `GET /${n}`);
  const branch = { 'vcs.ref.head.revision': 'branch' };
  await storeSpans(store, [
    ...names.map((name) => ({ name, kind: 2, start: at(0), resource })),
    ...names.slice(5).map((name) => ({ name, kind: 2, start: at(0), resource: branch })),
  ]);
  const { body } = await get('/api/compare?base=main');
  t.equal(body.routes.length, 200);
  t.equal(body.more_routes, 3);
  t.match(body, { worse: false, routes: [{ base: { requests: 1 }, head: { requests: 1 } }] });
});
