import t from 'tap';
import { at, ids, temporaryExplorer } from '../../explorer.ts';
import type { PlainSpan } from '../../spans.ts';
import { storeSpans } from '../../spans.ts';

const id = ids();

const trace = (label: string) => id(label, 16);

const nth = (n: number) => `b${n.toString(16).padStart(15, '0')}`;

t.test('a large trace is read part by part', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const root = { traceId: trace('large'), spanId: id('large root'), start: at(0), durationMs: 1000 };
  const spans: PlainSpan[] = [root];
  for (let n = 0; n < 5000; n++) {
    spans.push({
      traceId: trace('large'),
      spanId: nth(n),
      parentSpanId: n === 0 ? root.spanId : nth(n - 1),
      name: `n${n}`,
      start: at(n / 10),
      durationMs: 1,
    });
  }
  await storeSpans(store, spans);
  const url = `/api/traces/${trace('large')}`;
  t.match((await get(`${url}?offset=4999&limit=10`)).body, {
    offset: 4999,
    spans_total: 5001,
    spans: [{ name: 'n4998', depth: 4999 }, { name: 'n4999' }],
  });
  t.match((await get(`${url}?offset=9999`)).body, { spans_total: 5001, spans: [] });
  t.equal((await get(`${url}?root=${id('nobody')}`)).status, 400);
  t.equal((await get(`/api/traces/${trace('nobody')}`)).body.code, 'TRACE_NOT_FOUND');
});
