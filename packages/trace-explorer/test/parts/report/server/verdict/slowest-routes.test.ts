import t from 'tap';
import { at, temporaryExplorer } from '../../../../explorer.ts';
import type { PlainSpan } from '../../../../spans.ts';
import { randomId, storeSpans } from '../../../../spans.ts';

let clock = 0;

/** A request of a server without routes, whose spans have the method for a name. */
function request(path: string, durationMs: number, parts: Partial<PlainSpan> = {}): PlainSpan {
  clock += 1_000;
  return {
    ...{
      traceId: randomId(16),
      spanId: randomId(8),
      service: 'shop',
      name: 'GET',
      kind: 2,
      start: at(clock),
    },
    ...{ durationMs, resource: { 'tandem.run.id': 'now' }, attributes: { 'url.path': path } },
    ...parts,
  };
}

t.test('the slowest routes have the names of the sentences, and their own counts', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  // The first one, which compiles and connects, is no part of their times.
  const orders = [900, ...Array.from({ length: 20 }, (_, at) => 10 * (at + 1))].map((ms, at) =>
    request(`/orders/${at}`, ms),
  );
  const failed = Array.from({ length: 2 }, () => request('/pay', 50, { status: 2 }));
  await storeSpans(store, [
    ...orders,
    ...failed,
    request('/report', 533),
    request('/health', 2),
    request('/slow', 1_500, { name: 'mails', kind: 5, attributes: {} }),
  ]);
  const { body } = await get('/api/verdict?run=now');
  t.same(body.routes, [
    { service: 'shop', route: 'mails', unit: 'message', requests: 1, median_ms: 1_500, slowest_ms: 1_500 },
    { service: 'shop', route: 'GET /report', unit: 'request', requests: 1, median_ms: 533, slowest_ms: 533 },
    {
      ...{ service: 'shop', route: 'GET /orders/:id', unit: 'request', requests: 21 },
      ...{ median_ms: 100, p95_ms: 190, slowest_ms: 200 },
    },
  ]);
  const pay = body.causes.find(({ sentence }: { sentence: string }) => sentence.includes('/pay'));
  t.match(pay, { seen: 2, of: 2 }, 'the share is of its own route');
});

t.test(
  'a verdict says whether each route had one request, and how much of a long run was read',
  async (t) => {
    const { store, get } = await temporaryExplorer(t);
    await storeSpans(store, [request('/a', 9), request('/b', 9)]);
    const { body } = await get('/api/verdict?run=now');
    t.match(body, { only_first: true, truncated: false });
    t.notOk('read' in body);
    await storeSpans(store, [request('/a', 9)]);
    t.notOk('only_first' in (await get('/api/verdict?run=now')).body);
  },
);

t.test('while the command runs, only whole traces among the newest 200 are read', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const parent = randomId(8);
  await storeSpans(store, [
    ...Array.from({ length: 201 }, () => request('/a', 9)),
    request('/torn', 9, { parentSpanId: parent, status: 2 }),
  ]);
  const { body } = await get('/api/verdict?run=now&running=true');
  t.match(body, { requests: 202, read: 200, truncated: true, causes: [] });
});

t.test('a problem has the advice of its rule, and a plain exception none', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const [traceId, spanId] = [randomId(16), randomId(8)];
  const loop = request('/orders', 500, { traceId, spanId });
  const begin = clock;
  const calls = Array.from({ length: 40 }, (_, index) =>
    request('', 10, {
      ...{ traceId, parentSpanId: spanId, name: 'SELECT lines', kind: 3, start: at(begin + index * 11) },
      attributes: { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT * FROM lines WHERE id = $1' },
    }),
  );
  const attributes = { 'exception.type': 'TypeError', 'exception.message': 'lines is not iterable' };
  const thrown = request('/pay', 5, { status: 2, events: [{ name: 'exception', time: at(0), attributes }] });
  await storeSpans(store, [loop, ...calls, thrown]);
  const { causes } = (await get('/api/verdict?run=now')).body;
  const adviceOf = (part: string) =>
    causes.find(({ sentence }: { sentence: string }) => sentence.includes(part));
  t.match(adviceOf('SELECT lines'), { advice: /./ });
  t.match(adviceOf('TypeError'), { failure: true });
  t.notOk('advice' in adviceOf('TypeError'));
});
