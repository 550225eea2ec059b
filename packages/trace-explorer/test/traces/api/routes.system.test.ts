import t from 'tap';
import { at, ids, temporaryExplorer } from '../../explorer.ts';
import type { PlainSpan } from '../../spans.ts';
import { storeSpans } from '../../spans.ts';

const id = ids();

const trace = (label: string) => id(label, 16);

const nth = (n: number) => `b${n.toString(16).padStart(15, '0')}`;

t.test('large traces are read in windows, collapsed and by subtree', async (t) => {
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
    visible: 5001,
    spans: [{ name: 'n4998', depth: 4999 }, { name: 'n4999' }],
  });
  t.match((await get(`${url}?collapsed=${nth(2)}`)).body, {
    visible: 4,
    spans: [{}, {}, {}, { name: 'n2', collapsed: true, descendants: 4997 }],
  });
  t.match((await get(`${url}?root=${nth(4999)}`)).body, {
    visible: 1,
    spans: [{ name: 'n4999' }],
  });
  t.match((await get(`${url}?focus=${nth(4999)}&limit=4`)).body, { offset: 4998 });
  t.equal((await get(`${url}?root=${id('nobody')}`)).status, 404);
  t.equal((await get(`/api/traces/${trace('nobody')}`)).body.code, 'TRACE_NOT_FOUND');
});
