import t from 'tap';
import { findingsOf } from '../../../src/traces/findings/rules.ts';
import { buildModel } from '../../../src/traces/model/trace-model.ts';
import { outlineTree } from '../../../src/traces/tree/outline-tree.ts';
import { buildTree } from '../../../src/traces/tree/tree.ts';
import { at, temporaryExplorer } from '../../explorer.ts';
import { randomId, storeSpans } from '../../spans.ts';
import { client, sentences } from '../make-span.ts';

const of = (lost: 'before' | 'after') => {
  const outline = outlineTree(
    't',
    buildTree([client('call', '', 0, 12, { name: 'GET /users', service: 'api' })]),
  );
  return findingsOf(buildModel({ ...outline, lost: [[0, lost]] })).map(({ sentence }) => sentence);
};

t.test('a call whose other half is another trace says which half', async (t) => {
  t.match(of('before'), [
    /^The trace begins with GET \/users, a call of 12.0 ms by api, which answers requests/,
  ]);
  t.match(of('after'), [
    /^The trace ends with GET \/users, a call of 12.0 ms by api: what it called sends spans/,
  ]);
});

t.test('a call alone says nothing', async (t) => {
  t.strictSame(sentences([client('call', '', 0, 12)]), []);
});

t.test('a stored call without an address is no half of any other trace', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const [alone, other] = [randomId(16), randomId(16)];
  const half = { name: 'GET', start: at(0), durationMs: 5 };
  await storeSpans(store, [
    { ...half, traceId: alone, spanId: randomId(8), kind: 3, service: 'web' },
    { ...half, traceId: other, spanId: randomId(8), kind: 2, service: 'api' },
  ]);
  const { body } = await get(`/api/traces/${alone}/outline`);
  t.strictSame(body.lost, []);
});
