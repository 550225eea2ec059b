import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import type { SpanStore } from '../../../../src/core/store/store.ts';
import { randomId, storeSpans } from '../../../spans.ts';
import { openWatchedStore } from '../watched-store.ts';

/** Reads spans without an end: DuckDB writes the file only where it did not begin before the last commit. */
const ENDLESS = 'SELECT sum(hash(range)) FROM range(1000000000000000) WHERE (SELECT count(*) FROM spans) > 0';

/** A store with a span, and a query that goes on until it is ended. */
async function queriedStore(t: Test) {
  const { store, failures, reopened } = await openWatchedStore(t, t.testdir(), { maxBytes: 40_000_000 });
  const traceId = randomId(16);
  await storeSpans(store, [{ traceId }]);
  const ending = new AbortController();
  const query = store.read(ENDLESS, [], { signal: ending.signal });
  const ended = Promise.allSettled([query]);
  t.teardown(() => ending.abort());
  const end = () => {
    ending.abort();
    return ended;
  };
  return { store, failures, reopened, traceId, end };
}

const spansIn = async (store: SpanStore) =>
  Number((await store.read('SELECT count(*) FROM spans')).rows[0]?.[0]);

t.test(
  'spans are taken while a long query is in the way of the checkpoint; the next one writes them',
  async (t) => {
    const { store, failures, reopened, end } = await queriedStore(t);
    for (let i = 0; i < 3; i++) {
      await storeSpans(
        store,
        Array.from({ length: 800 }, () => ({ attributes: { payload: 'x'.repeat(1_000) } })),
      );
      t.equal(await spansIn(store), 1 + 800 * (i + 1));
    }
    await end();
    t.same([failures, reopened()], [[], 0]);
  },
);

t.test('a deletion waits for a query that began before it', async (t) => {
  const { store, failures, reopened, traceId, end } = await queriedStore(t);
  const deletion = store.delete({ traceId });
  setTimeout(end, 200);
  t.match(await deletion, { spans: 1 });
  t.same([failures, reopened()], [[], 0]);
  await until(async () => (await spansIn(store)) === 0);
});
