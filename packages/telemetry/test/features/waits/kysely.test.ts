import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresPool } from 'kysely';
import { Kysely, PostgresDialect, sql } from 'kysely';
import t from 'tap';
import { withSpan } from '../../../src/index.ts';
import { tracedDialect } from '../../../src/service/kysely/index.ts';
import { createTestTelemetry } from '../../../src/service/testing/index.ts';

// Alone in its process: telemetry is registered for all tests.
const telemetry = createTestTelemetry({ waits: true });
t.teardown(() => telemetry.shutdown());

/** A pool of one connection, which the driver opens with the first wait. */
function poolOfOne(): PostgresPool {
  let free: Promise<void> = Promise.resolve();
  const query = async () => ({ command: 'SELECT' as const, rowCount: 0, rows: [] });
  const connection = { query, release: () => {} };
  return {
    options: {},
    async connect() {
      const earlier = free;
      const { promise, resolve } = Promise.withResolvers<void>();
      free = promise;
      await earlier;
      connection.release = resolve;
      return connection as never;
    },
    async end() {},
  } as PostgresPool;
}

t.test('a statement begins with the wait for its connection, and the next one has no wait', async (t) => {
  const info = { system: 'postgresql', poolSize: 1 } as const;
  const db = new Kysely<never>({
    dialect: tracedDialect(new PostgresDialect({ pool: poolOfOne() }), info),
  });
  t.teardown(() => db.destroy());
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const holder = db.connection().execute(() => {
    begin();
    return held;
  });
  await begun;
  const read = () => withSpan('request', {}, () => sql`select 1`.execute(db));
  const waits = read();
  await sleep(100);
  release();
  await Promise.all([holder, waits]);
  await read();
  const [first, , second] = telemetry.spans().map(({ attributes, duration: [seconds, nanoseconds] }) => ({
    waiting: Number(attributes['tandem.call.waiting_ms'] ?? 0),
    stalled: Number(attributes['tandem.stalled_ms'] ?? 0), // on a busy machine
    poolSize: attributes['tandem.call.pool_size'],
    ms: seconds * 1e3 + nanoseconds / 1e6,
  }));
  t.ok(
    first && first.waiting + first.stalled >= 90 && first.ms >= first.waiting - 0.1,
    JSON.stringify(first),
  );
  t.equal(first?.poolSize, 1);
  t.ok((second?.waiting ?? 0) < 90);
});
