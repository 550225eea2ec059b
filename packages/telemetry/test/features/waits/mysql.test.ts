import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'mysql2';
import { createPool } from 'mysql2';
import t from 'tap';
import { withSpan } from '../../../src/common/with-span.ts';
import { traceDrivers } from '../../../src/drivers/published/trace-drivers.ts';
import { createTestTelemetry } from '../../../src/testing/index.ts';
import { startMysqlServer } from '../../drivers/published/mysql-server.ts';

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
      ms: seconds * 1e3 + nanoseconds / 1e6,
    }));
    t.ok(first && first.waiting >= 90 && first.ms >= first.waiting - 0.1, JSON.stringify(first));
    t.ok((second?.waiting ?? 0) < 90);
  });
