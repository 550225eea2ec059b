// Alone in its process: its clock stands still until the test moves it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { StatementType } from '@duckdb/node-api';
import type { Test } from 'tap';
import t from 'tap';
import type { ReaderPool } from '../../../../src/core/store/read/read-job.ts';
import { ReadJob } from '../../../../src/core/store/read/read-job.ts';
import type { Scans } from '../../../../src/core/store/read/scans.ts';
import { SharedTime } from '../../../../src/core/store/read/shared-time.ts';
import { deadlineIn } from '../../../../src/lib/time/deadline.ts';

/** Milliseconds of the real clock in which a job has looked at the time. On a slow machine it may look later, and tells less then. */
const LOOKED_MS = 600;

/** By then a statement that nothing ended fails its test, which would wait for ever. */
const gaveUp = () => AbortSignal.timeout(20_000);

/** A clock and a processor that pass only as a test says, in milliseconds. */
function heldClock(t: Test) {
  const passed = { clock: 1_000, processor: 0 };
  t.intercept(performance, 'now', { value: () => passed.clock });
  t.intercept(process, 'cpuUsage', { value: () => ({ user: 1000 * passed.processor, system: 0 }) });
  return passed;
}

/** A pool with one connection, whose statements never end by themselves and use no thread. */
function endlessPool() {
  const told = { interrupts: 0 };
  const running = Promise.withResolvers<never>();
  const begun = Promise.withResolvers<void>();
  const statement = {
    statementType: StatementType.SELECT,
    stream() {
      begun.resolve();
      return running.promise;
    },
    destroySync() {},
  };
  const connection = {
    prepare: async () => statement,
    interrupt() {
      told.interrupts += 1;
      running.reject(new Error('INTERRUPT Error: Interrupted!'));
    },
  } as unknown as DuckDBConnection;
  const pool: ReaderPool = {
    database: { hasCheckpointWaiting: false },
    free: [connection],
    busy: new Set(),
    time: new SharedTime(),
    scans: { running: 1, started: 0, begin: async () => {}, end() {} } as unknown as Scans,
    isClosed: false,
  };
  return { pool, told, begun: begun.promise };
}

/** A statement that is under way, of a request that may use one second itself, and two of the clock without others. */
async function readEndlessly(t: Test, signal = gaveUp()) {
  const passed = heldClock(t);
  const { pool, told, begun } = endlessPool();
  const deadline = deadlineIn(1_000, 2_000, 300_000);
  const reading = new ReadJob(pool, 'SELECT endless', [], { deadline, signal }).attempt();
  // A test may look at it later.
  reading.catch(() => {});
  await begun;
  return { passed, pool, told, deadline, reading };
}

t.test(
  'an endless statement goes on while other programs have the processor, and ends once it has used its own time',
  async (t) => {
    const { passed, pool, told, deadline, reading } = await readEndlessly(t);
    for (let nth = 0; nth < 3; nth++) {
      passed.clock += 60_000;
      pool.time.share();
      await sleep(LOOKED_MS);
    }
    t.equal(told.interrupts, 0, 'three minutes of others are none of it');
    t.equal(deadline.used, 0);
    t.equal(deadline.at, deadline.began + 2_000 + 180_000, 'its moment has moved on');
    passed.clock += 900;
    passed.processor += 900;
    await sleep(LOOKED_MS);
    t.equal(told.interrupts, 0, 'nor is less than it may use');
    passed.clock += 200;
    passed.processor += 200;
    await t.rejects(reading, { code: 'QUERY_TIMEOUT', message: 'Reading took longer than 1000 ms' });
    t.equal(deadline.used, 1_100);
    t.equal(pool.free.length, 1, 'its connection is free again');
  },
);

t.test('other programs hold a statement up, but not for ever', async (t) => {
  const { passed, told, deadline, reading } = await readEndlessly(t);
  passed.clock += 299_000;
  await sleep(LOOKED_MS);
  t.equal(told.interrupts, 0);
  passed.clock += 1_000;
  await t.rejects(reading, { code: 'STORE_BUSY', retryAfterSeconds: 5 });
  t.equal(deadline.used, 0);
});

t.test('a reader who leaves ends a statement that others hold up', async (t) => {
  const leaving = new AbortController();
  const { passed, pool, reading } = await readEndlessly(t, leaving.signal);
  passed.clock += 60_000;
  pool.time.share();
  leaving.abort(new Error('left'));
  await t.rejects(reading, { message: 'left' });
});
