import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'mysql2';
import { createPool } from 'mysql2';
import t from 'tap';
import { withSpan } from '../../../src/common/with-span.ts';
import { traceDrivers } from '../../../src/guest/published/trace-drivers.ts';
import { createTestTelemetry } from '../../../src/service/testing/index.ts';
import { startMysqlServer } from '../../guest/published/mysql-server.ts';

// Alone in its process: telemetry is registered for all tests.
const telemetry = createTestTelemetry({ waits: true });
const stop = traceDrivers();
const mysql = { host: '127.0.0.1', port: await startMysqlServer(t), user: 'shop', database: 'shop' };
t.teardown(async () => {
  stop();
  await telemetry.shutdown();
});

const ASKS: Readonly<Record<string, (pool: Pool) => Promise<unknown>>> = {
  'pool.query': (pool) => pool.promise().query('SELECT * FROM t'),
  'pool.query with a callback': (pool) =>
    new Promise((resolve) => void pool.query('SELECT * FROM t', resolve)),
  'await getConnection()': async (pool) => {
    const connection = await pool.promise().getConnection();
    await connection.query('SELECT * FROM t');
    connection.release();
  },
};

for (const [how, ask] of Object.entries(ASKS))
  t.test(`mysql2: a statement begins with the wait for its connection: ${how}`, async (t) => {
    const pool = createPool({ ...mysql, connectionLimit: 1 });
    t.teardown(() => pool.end());
    const held = await pool.promise().getConnection();
    const query = () => withSpan('request', {}, () => ask(pool));
    telemetry.reset();
    const waits = query();
    await sleep(100);
    held.release();
    await waits;
    await query();
    const [first, , second] = telemetry.spans().map(({ attributes, duration: [seconds, nanoseconds] }) => ({
      waiting: Number(attributes['tandem.call.waiting_ms'] ?? 0),
      stalled: Number(attributes['tandem.stalled_ms'] ?? 0), // on a busy machine
      ms: seconds * 1e3 + nanoseconds / 1e6,
    }));
    t.ok(
      first && first.waiting + first.stalled >= 90 && first.ms >= first.waiting - 0.1,
      JSON.stringify(first),
    );
    t.ok((second?.waiting ?? 0) < 90);
  });

/** What a wait in vain is: a pool that lets nobody wait, or one that lets one wait, and a server that is not there. */
const IN_VAIN: Readonly<Record<string, object>> = {
  'nobody may wait': { waitForConnections: false },
  'one may wait': { queueLimit: 1 },
};

for (const [how, options] of Object.entries(IN_VAIN))
  t.test(`mysql2: a wait that ends in vain is a failed span: ${how}`, async (t) => {
    const pool = createPool({ ...mysql, connectionLimit: 1, ...options }).promise();
    t.teardown(() => pool.end());
    const held = await pool.getConnection();
    const waiting = 'queueLimit' in options ? pool.query('SELECT * FROM t') : undefined; // outside of a trace
    telemetry.reset();
    await withSpan('request', {}, () => t.rejects(pool.query('SELECT * FROM t')));
    held.release();
    await waiting;
    t.match(telemetry.spans(), [
      { name: 'connect shop', status: { code: 2 }, attributes: { 'db.operation.name': 'connect' } },
      { name: 'request' },
    ]);
  });

t.test('mysql2: a wait that no statement of its turn takes has a span of its own', async (t) => {
  const pool = createPool({ ...mysql, connectionLimit: 1 }).promise();
  t.teardown(() => pool.end());
  const held = await pool.getConnection();
  telemetry.reset();
  const waits = withSpan('request', {}, async () => {
    const connection = await pool.getConnection();
    await sleep(10);
    await connection.query('SELECT * FROM t');
    connection.release();
  });
  await sleep(50);
  held.release();
  await waits;
  const [connect, statement] = telemetry.spans();
  t.match([connect?.name, statement?.name], ['connect shop', 'SELECT t']);
  t.ok('tandem.call.waiting_ms' in (connect?.attributes ?? {}));
  t.notOk('tandem.call.waiting_ms' in (statement?.attributes ?? {}));
});
