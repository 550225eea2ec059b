import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { TraceCache } from '../../../../src/core/traces/tree/trace-cache.ts';
import { randomId, storeSpans, temporaryStore } from '../../../spans.ts';

/** A read on a busy machine. */
const SLOW_MS = 1_000;

t.test('a tree is not kept after its time, also when nobody asks again', async (t) => {
  const store = await temporaryStore(t);
  const traceId = randomId(16);
  await storeSpans(store, [{ traceId }, { traceId }, { traceId }]);
  const cache = new TraceCache(store, { maxAgeMs: 1_500 });
  t.teardown(() => cache.close());
  t.equal((await cache.tree(traceId)).spans.length, 3);
  await until(() => cache.keptSpans === 0);
  t.equal((await cache.tree(traceId)).spans.length, 3, 'it is read again');
});

t.test('a tree whose read takes longer than it is kept is kept from then on, and read once', async (t) => {
  const store = await temporaryStore(t);
  const traceId = randomId(16);
  await storeSpans(store, [{ traceId }]);
  let reads = 0;
  const read = store.read.bind(store);
  store.read = async (...given) => {
    reads += 1;
    await setTimeout(SLOW_MS);
    return read(...given);
  };
  const cache = new TraceCache(store, { maxAgeMs: SLOW_MS / 2 });
  t.teardown(() => cache.close());
  const [first, later] = [cache.tree(traceId), setTimeout(SLOW_MS * 0.8).then(() => cache.tree(traceId))];
  t.equal(await later, await first, 'who asks during the read has the same tree');
  t.equal(await cache.tree(traceId), await first, 'and who asks after it');
  t.equal(reads, 1);
  await until(() => cache.keptSpans === 0);
});

t.test('of many traces that are asked for at once, few are read at a time, and each once', async (t) => {
  const store = await temporaryStore(t);
  const traceIds = Array.from({ length: 12 }, () => randomId(16));
  await storeSpans(
    store,
    traceIds.map((traceId) => ({ traceId })),
  );
  let [open, most, reads] = [0, 0, 0];
  const read = store.read.bind(store);
  store.read = async (...given) => {
    reads += 1;
    most = Math.max(most, ++open);
    return read(...given).finally(() => open--);
  };
  const cache = new TraceCache(store);
  t.teardown(() => cache.close());
  const trees = await Promise.all([...traceIds, ...traceIds].map((traceId) => cache.tree(traceId)));
  t.ok(trees.every(({ spans }) => spans.length === 1));
  t.equal(reads, traceIds.length);
  t.equal(most, 2);
});
