import t from 'tap';
import { TraceCache } from '../../../src/traces/tree/trace-cache.ts';
import { at, ids } from '../../explorer.ts';
import { storeSpans, temporaryStore } from '../../spans.ts';

const id = ids();
const traceId = id('trace', 16);

t.test('a tree is kept until its trace gets more spans', async (t) => {
  const store = await temporaryStore(t);
  const cache = new TraceCache(store);
  t.teardown(() => cache.close());
  t.equal((await cache.tree(traceId)).spans.length, 0);
  await storeSpans(store, [{ traceId, start: at(0) }]);
  const tree = await cache.tree(traceId);
  t.equal(tree.spans.length, 1);
  await storeSpans(store, [{ traceId: id('other', 16), start: at(0) }]);
  t.equal(await cache.tree(traceId), tree, 'the same object: not read again');
  await storeSpans(store, [{ traceId, start: at(1) }]);
  t.equal((await cache.tree(traceId)).spans.length, 2);
});

t.test('a trace beyond all measure is cut and says so', async (t) => {
  const store = await temporaryStore(t);
  const cache = new TraceCache(store, 10);
  t.teardown(() => cache.close());
  await storeSpans(
    store,
    Array.from({ length: 12 }, () => ({ traceId, start: at(0) })),
  );
  const { spans, notices } = await cache.tree(traceId);
  t.equal(spans.length, 10);
  t.match(notices.at(-1), { code: 'too_large', message: /more spans than are shown: the first 10/ });
});
