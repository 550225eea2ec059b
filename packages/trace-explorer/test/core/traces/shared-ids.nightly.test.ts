import t from 'tap';
import { at, ids, temporaryExplorer } from '../../explorer.ts';
import { storeSpans } from '../../spans.ts';

const id = ids();
/** Of each service. Every one of the callee's would be below every one of the caller's. */
const SPANS = 9_000;

t.test('thousands of different spans with one id, and their children, stop no view', async (t) => {
  t.setTimeout(120_000);
  const { store, get, trace } = await temporaryExplorer(t);
  const traceId = id('trace', 16);
  const shared = { traceId, spanId: id('shared'), service: 'caller', start: at(0) };
  const child = { traceId, parentSpanId: id('shared'), service: 'callee', kind: 2, durationMs: 1 };
  await storeSpans(
    store,
    Array.from({ length: SPANS }, (_, n) => ({ ...shared, name: `${n}`, durationMs: 5_000 + n })),
  );
  await storeSpans(
    store,
    Array.from({ length: SPANS }, (_, n) => ({ ...child, name: `${n}`, start: at(n % 1_000) })),
  );
  await storeSpans(store, [{ traceId: id('other', 16), service: 'caller', start: at(60_000) }]);

  const list = await get('/api/traces');
  t.equal(list.status, 200);
  t.match(list.body.traces, [{ trace_id: id('other', 16) }, { trace_id: traceId, spans: 2 * SPANS }]);
  const own = list.body.traces[1].services.find(({ name }: { name: string }) => name === 'caller');
  const inAll = SPANS * 5_000 + (SPANS * (SPANS - 1)) / 2;
  t.equal(
    own.self_ms,
    inAll - 1_000,
    'without the second in which their children ran, below the first of them',
  );

  const map = await get('/api/map');
  t.equal(map.status, 200);
  t.match(map.body.calls, [{ from: 'caller', to: 'callee', count: SPANS }]);
  t.equal((await get('/api/overview')).status, 200);

  const shown = await trace(traceId);
  t.equal(shown.spans_total, 2 * SPANS);
  t.match(shown.spans[0], { children: SPANS });
  const span = `/api/traces/${traceId}/spans/${shared.spanId}?form=honeycomb`;
  t.match(await get(`${span}&copy=${SPANS - 1}`), {
    status: 200,
    body: { event: { data: { name: `${SPANS - 1}` } } },
  });
  t.match(await get(`${span}&copy=${SPANS}`), { status: 404, body: { detail: new RegExp(`${SPANS} with`) } });
});
