import t from 'tap';
import { readRoutes } from '../../src/compare/read-routes.ts';
import { chooseRun, readRuns } from '../../src/compare/read-runs.ts';
import type { SpanStore } from '../../src/store/store.ts';
import { at, ids, temporaryExplorer } from '../explorer.ts';
import type { PlainSpan } from '../spans.ts';
import { storeSpans } from '../spans.ts';

const id = ids();
const resource = { 'vcs.ref.head.revision': 'main' };

async function routesOf(store: SpanStore) {
  const runs = await readRuns(store, {});
  return readRoutes(store, { base: chooseRun(runs, 'main'), head: chooseRun(runs, 'branch') }, {});
}

t.test('what counts as a call, and whose', async (t) => {
  const { store } = await temporaryExplorer(t);
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
  const routes = await routesOf(store);
  t.equal(routes.length, 2);
  const calls = [...(routes.find(({ route }) => route === 'GET /cart')?.calls.values() ?? [])];
  // One request has one of each.
  const counts = [new Map([[1, 1]]), new Map()];
  t.same(
    calls.toSorted((a, b) => (a.to < b.to ? -1 : 1)),
    [
      { to: 'bank.example', operation: 'GET', counts },
      { to: 'mongodb carts', operation: 'find', counts },
      { to: 'orders', operation: 'publish', counts },
      { to: 'users', operation: 'GET /users', counts },
    ],
  );
});

t.test('of more than 200 routes those with most requests are read', async (t) => {
  const { store } = await temporaryExplorer(t);
  const names = Array.from({ length: 203 }, (_, n) => `GET /${n}`);
  const branch = { 'vcs.ref.head.revision': 'branch' };
  await storeSpans(store, [
    ...names.map((name) => ({ name, kind: 2, start: at(0), resource })),
    ...names.slice(5).map((name) => ({ name, kind: 2, start: at(0), resource: branch })),
  ]);
  const routes = await routesOf(store);
  t.equal(routes.length, 200);
  t.match(routes[0]?.sides, [{ requests: 1 }, { requests: 1 }]);
});
