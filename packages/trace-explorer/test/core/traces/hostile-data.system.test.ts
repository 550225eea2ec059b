import t from 'tap';
import { at, ids, temporaryExplorer } from '../../explorer.ts';
import type { PlainSpan, PlainValue } from '../../spans.ts';
import { storeSpans } from '../../spans.ts';

const id = ids();
const traceId = id('trace', 16);
const base: PlainSpan = { traceId, start: at(0), durationMs: 1 };

t.test('script-like and prototype-like names are data in every answer', async (t) => {
  const { store, app, get, trace } = await temporaryExplorer(t);
  const hostile = '</script><img src=x onerror=alert(1)>';
  const attributes = Object.fromEntries([
    ['__proto__', 'p'],
    ['constructor', 'c'],
    ['toString', 't'],
    [hostile, hostile],
    ["'; DROP TABLE spans; --", 1],
  ]);
  await storeSpans(store, [{ ...base, spanId: id('a'), service: '__proto__', name: hostile, attributes }]);
  t.match(await trace(traceId), {
    services: [{ name: '__proto__' }],
    spans: [{ name: hostile }],
  });
  t.match((await get('/api/traces?service=__proto__')).body.traces, [{ root: { name: hostile } }]);
  t.match((await get('/api/map')).body.services, [{ name: '__proto__' }]);
  for (const form of ['otlp', 'honeycomb']) {
    const url = `/api/traces/${traceId}/spans/${id('a')}?form=${form}`;
    const { body, headers } = await app.inject(url);
    t.match(headers['content-type'], 'application/json');
    t.match(headers['x-content-type-options'], 'nosniff');
    t.match(body, form === 'otlp' ? '"key":"__proto__"' : '"__proto__":"p"', form);
  }
  const query = new URLSearchParams({ field: "'; DROP TABLE spans; --=1" });
  t.equal((await get(`/api/traces?${query}`)).body.traces.length, 1);
  t.equal(({} as Record<string, unknown>).p, undefined);
});

t.test('values of a megabyte and hundreds of attributes come back whole where the form allows', async (t) => {
  const { store, app } = await temporaryExplorer(t);
  const attributes: Record<string, PlainValue> = { big: 'x'.repeat(1_000_000) };
  for (let n = 0; n < 300; n++) attributes[`key.${n}`] = n;
  await storeSpans(store, [{ ...base, spanId: id('b'), attributes }]);
  const form = async (name: string) =>
    (await app.inject(`/api/traces/${traceId}/spans/${id('b')}?form=${name}`)).body;
  t.ok((await form('otlp')).length > 1_000_000, 'exactly as sent');
  t.equal(JSON.parse(await form('honeycomb')).event.data['key.299'], 299);
  t.ok((await form('honeycomb')).length < 100_000, 'cut at 64 KiB, as stored');
});

t.test('a trace 10,000 deep that is one cycle is answered from any end', async (t) => {
  const { store, trace } = await temporaryExplorer(t);
  const nth = (n: number) => `b${(n % 10_000).toString(16).padStart(15, '0')}`;
  await storeSpans(
    store,
    Array.from({ length: 10_000 }, (_, n) => ({
      ...base,
      spanId: nth(n),
      parentSpanId: nth(n + 1),
      start: at(10_000 - n),
    })),
  );
  const body = await trace(traceId);
  t.equal(body.spans_total, 10_000);
  t.match(body.spans.at(-1), { depth: 9999, span_id: nth(0) });
  t.match(body.findings, [{ rule: 'impossible-id', spans: 1, sentence: /^1 cycle/ }]);
});

t.test('times at the ends of 64 bits are survived', async (t) => {
  const { store, get, trace } = await temporaryExplorer(t);
  const most = 2n ** 63n - 1n;
  await storeSpans(store, [
    { ...base, spanId: id('first'), name: 'first', start: 1n, end: 2n },
    { ...base, spanId: id('last'), name: 'last', start: most - 1n, end: most },
    { ...base, spanId: id('beyond'), name: 'beyond', start: 2n ** 64n - 2n, end: 2n ** 64n - 1n },
    { ...base, spanId: id('whole'), name: 'whole', start: 1n, end: most },
  ]);
  const body = await trace(traceId);
  t.equal(body.spans.length, 4);
  t.ok(body.spans.every((span: { offset_ms: number }) => Number.isFinite(span.offset_ms)));
  for (const url of [
    '/api/traces',
    '/api/traces?order=slowest',
    '/api/traces?min_duration_ms=1',
    '/api/map?start_time=0&end_time=9000000000',
  ]) {
    t.equal((await get(url)).status, 200, url);
  }
});
