import type { Test } from 'tap';
import t from 'tap';
import { describeTrace } from '../../../../src/core/traces/forms/describe-trace.ts';
import { buildModel } from '../../../../src/core/traces/model/trace-model.ts';
import { at, ids, temporaryExplorer } from '../../../explorer.ts';
import { storeSpans } from '../../../spans.ts';

const id = ids();
const [TRACE, ROOT] = [id('trace', 16), id('root')];

/** Names that the conventions have now, and those that they replaced, by what they say here. */
const NOW = {
  ...{ method: 'http.request.method', status: 'http.response.status_code', url: 'url.full' },
  ...{ system: 'db.system.name', namespace: 'db.namespace', statement: 'db.query.text' },
  ...{ host: 'server.address', destination: 'messaging.destination.name' },
};
const BEFORE: typeof NOW = {
  ...{ method: 'http.method', status: 'http.status_code', url: 'http.url' },
  ...{ system: 'db.system', namespace: 'db.name', statement: 'db.statement' },
  ...{ host: 'net.peer.name', destination: 'messaging.destination' },
};

/** What the explorer says of one request, sent with some names. */
async function answers(t: Test, names: typeof NOW) {
  const { store, get } = await temporaryExplorer(t);
  const span = (
    name: string,
    kind: number,
    from: number,
    durationMs: number,
    attributes: object,
    more = {},
  ) => ({
    ...{ traceId: TRACE, spanId: id(`${name} ${from}`), parentSpanId: ROOT, service: 'shop', name, kind },
    ...{ start: at(from), durationMs, attributes: attributes as Record<string, string>, ...more },
  });
  const database = { [names.system]: 'mysql', [names.namespace]: 'shop' };
  const root = { spanId: ROOT, parentSpanId: '', status: 2 as const };
  await storeSpans(store, [
    span('GET /cart', 2, 0, 900, { [names.method]: 'GET', [names.status]: 500, 'http.route': '/cart' }, root),
    ...Array.from({ length: 6 }, (_, i) =>
      span('SELECT items', 3, 10 + 30 * i, 25, {
        ...database,
        [names.statement]: `SELECT * FROM items WHERE id = ${i}`,
      }),
    ),
    span('GET', 3, 300, 400, { [names.method]: 'GET', [names.url]: 'http://bank/pay', [names.host]: 'bank' }),
    span('publish', 4, 800, 5, { [names.destination]: 'orders' }),
  ]);
  const { body: outline } = await get(`/api/traces/${TRACE}/outline`);
  const { body: overview } = await get('/api/overview');
  const { body: map } = await get('/api/map');
  const plain = ({ fields, ...rest }: { fields?: unknown }) => rest;
  return {
    described: describeTrace(buildModel(outline), outline.findings),
    routes: overview.routes,
    dependencies: overview.dependencies.map(plain),
    services: map.services.map(plain),
    calls: map.calls,
  };
}

t.test('a request says the same under names that were replaced', async (t) => {
  const now = await answers(t, NOW);
  const rules = now.described.findings.map(({ rule }) => rule);
  t.same(rules, ['failed-request', 'repeated-call', 'slow-call']);
  t.match(now.described.findings[0]?.sentence, 'GET /cart of shop fails: 500');
  t.match(now.services, [{ name: 'shop' }, { name: 'mysql shop', type: 'database' }]);
  t.same(
    new Set(now.dependencies.map(({ name }: { name?: string }) => name)),
    new Set(['mysql shop', 'bank', 'orders']),
  );
  t.same(await answers(t, BEFORE), now);
});
