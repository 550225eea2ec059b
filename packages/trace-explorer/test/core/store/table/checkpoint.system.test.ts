import { setTimeout } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { ReadJob } from '../../../../src/core/store/read/read-job.ts';
import { Scans } from '../../../../src/core/store/read/scans.ts';
import { SharedTime } from '../../../../src/core/store/read/shared-time.ts';
import type { SpanStore } from '../../../../src/core/store/store.ts';
import { makeCheckpoint } from '../../../../src/core/store/table/checkpoint.ts';
import { Database } from '../../../../src/core/store/table/database.ts';
import { deadlineIn } from '../../../../src/lib/time/deadline.ts';
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
  void setTimeout(200).then(end);
  t.match(await deletion, { spans: 1 });
  t.same([failures, reopened()], [[], 0]);
  await until(async () => (await spansIn(store)) === 0);
});

t.test(
  'a query that other programs hold up ends when a checkpoint waits for it, and not before',
  async (t) => {
    const database = await Database.open({ directory: t.testdir(), memoryMb: 100 }, 2048);
    const [free, scans] = [[await database.connect()], new Scans(await database.connect())];
    t.teardown(async () => {
      // DuckDB crashes, or keeps the process, where a connection is closed during a statement.
      await scans.close();
      database.close();
    });
    const pool = {
      database,
      free,
      busy: new Set<DuckDBConnection>(),
      time: new SharedTime(),
      scans,
      isClosed: false,
    };
    const [ran, now] = [process.cpuUsage(), performance.now.bind(performance)];
    let later = 0;
    t.intercept(process, 'cpuUsage', { value: () => ran });
    t.intercept(performance, 'now', { value: () => now() + later });
    const endless = 'SELECT sum(hash(range)) FROM range(1000000000000000)';
    let failure: unknown;
    const query = new ReadJob(pool, endless, [], { deadline: deadlineIn(1000, 3_600_000) })
      .attempt()
      .catch((error: unknown) => {
        failure = error;
      });
    await setTimeout(500);
    later = 31_000;
    await setTimeout(1500);
    t.equal(failure, undefined, 'nobody waits for its end');
    let attempts = 0;
    const write = async () => {
      if (++attempts > 1 && failure !== undefined) return;
      throw new Error(
        'TransactionContext Error: Cannot CHECKPOINT: there are other write transactions active.',
      );
    };
    t.equal(await makeCheckpoint(database, write, true), false, 'one that is not due does not wait');
    t.equal(failure, undefined);
    t.equal(await makeCheckpoint(database, write, false), true);
    await query;
    t.match(failure, { code: 'STORE_BUSY' });
    t.equal(database.hasCheckpointWaiting, false);
  },
);
