import type { DatabaseSync } from 'node:sqlite';
import { SpanKind, trace } from '@opentelemetry/api';
import t from 'tap';
import { withSpan } from '../../../src/common/with-span.ts';
import { injectedChannels } from '../../../src/guest/injected/trace-libraries.ts';
import { readSettings } from '../../../src/process/settings/index.ts';
import { createTestTelemetry } from '../../../src/service/testing/test-telemetry.ts';

// Alone in its process: telemetry is registered for all tests, and modules are loaded with hooks.
t.setTimeout(300_000);
const telemetry = createTestTelemetry({ serviceName: 'unit' });
const log = { info: () => {}, warn: () => {}, error: () => {} };
const stop = injectedChannels()({
  provider: trace.getTracerProvider(),
  loggerProvider: undefined,
  settings: readSettings({ TRACE_STATEMENT_PLANS: 'true' }),
  log,
} as never);
t.teardown(async () => {
  stop?.();
  await telemetry.shutdown();
});

/** Long enough for any machine to need more than the least time. */
const ROWS = 1_000_000;
const { DatabaseSync: Database } = await import('node:sqlite');

function filled(): DatabaseSync {
  const database = new Database(':memory:');
  database.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY, name TEXT)');
  database.exec(
    `INSERT INTO orders WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS}) SELECT i, hex(i) FROM n`,
  );
  return database;
}

t.test('a slow SELECT of node:sqlite says which tables it reads row by row, and asks once', async (t) => {
  const database = filled();
  t.teardown(() => database.close());
  let asked = 0;
  const isAuthorized = 'setAuthorizer' in database;
  const said = async (work: () => unknown) => {
    telemetry.reset();
    await withSpan('work', {}, async () => void work());
    const calls = telemetry.spans().filter(({ kind }) => kind === SpanKind.CLIENT);
    return calls.map(({ attributes }) => attributes['tandem.db.scans']);
  };
  const sorted = 'SELECT id FROM orders ORDER BY name LIMIT ?';
  t.same(await said(() => database.prepare(sorted).all(3)), ['orders']);
  t.same(await said(() => database.prepare(sorted).get(3)), ['orders'], 'of one row, too');
  t.same(await said(() => [...database.prepare(sorted).iterate(3)]), ['orders'], 'and of an iterator');
  const named = 'SELECT id FROM orders AS o ORDER BY name DESC LIMIT 1';
  t.same(await said(() => database.prepare(named).all()), ['o'], 'as the statement calls it');
  t.same(
    await said(() => database.prepare('SELECT name FROM orders WHERE id = ?').get(7)),
    [undefined],
    'by its key',
  );
  t.same(await said(() => database.prepare('UPDATE orders SET name = name || 1').run()), [undefined]);
  const { changes } = database.prepare('DELETE FROM orders WHERE id = 1').run();
  t.equal(changes, 1, 'the connection is as it was');
  if (!isAuthorized) return;
  Reflect.get(database, 'setAuthorizer').call(database, () => {
    asked += 1;
    return 0;
  });
  await said(() => database.prepare(sorted).all(3));
  const once = asked;
  asked = 0;
  await said(() => database.prepare(sorted).all(3));
  t.equal(asked, once, 'a statement whose plan is known is not explained again');
});
