import { context } from '@opentelemetry/api';
import { withSpan } from '@tandem/telemetry';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import t from 'tap';
import { openDatabase } from '../src/database/database.ts';
import { delayStatements, parseFault, withFault } from '../src/faults.ts';
import { databaseVariants } from '../testing/index.ts';

interface Schema {
  things: { name: string };
}

// Alone in its process: telemetry is registered for all tests.
const telemetry = createTestTelemetry();
t.teardown(() => telemetry.shutdown());

function asking<T>(text: string, work: () => T): T {
  const fault = parseFault(text);
  if (fault === undefined) throw new Error('unreachable');
  return context.with(withFault(context.active(), fault), work);
}

function withDelay<T>(milliseconds: number, work: () => T): T {
  return asking(`database:delay=${milliseconds}`, work);
}

for (const variant of databaseVariants(process.env.TEST_DATABASE_URL)) {
  t.test(`${variant.name}: statements wait within their spans, transaction commands do not`, async (t) => {
    const { location, remove } = await variant.create();
    const { db, close } = await openDatabase<Schema>(location, { onCreateConnection: delayStatements });
    t.teardown(() => close().then(remove));
    await db.schema.createTable('things').addColumn('name', 'text').execute();
    telemetry.reset();
    const insert = () =>
      db
        .transaction()
        .execute((transaction) => transaction.insertInto('things').values({ name: 'a' }).execute());
    await withSpan('faulty', {}, () => withDelay(30, insert));
    await withSpan('plain', {}, insert);
    const spans = telemetry.spans();
    t.same(
      spans.map(({ name, attributes }) => `${name} ${attributes['tandem.fault'] ?? '-'}`),
      [
        'BEGIN -',
        'INSERT things database:delay=30',
        'COMMIT -',
        'faulty -',
        'BEGIN -',
        'INSERT things -',
        'COMMIT -',
        'plain -',
      ],
    );
    const [seconds = 0, nanos = 0] = spans[1]?.duration ?? [];
    t.ok(seconds * 1000 + nanos / 1e6 >= 29);

    telemetry.reset();
    await withSpan('faulty', {}, () => withDelay(30, () => db.selectFrom('things').selectAll().execute()));
    const [select] = telemetry.spans();
    t.equal(select?.attributes['tandem.fault'], 'database:delay=30', 'also outside of a transaction');
    t.ok((select?.duration[1] ?? 0) / 1e6 >= 29);
  });

  t.test(`${variant.name}: the delay also happens outside of a trace`, async (t) => {
    const { location, remove } = await variant.create();
    const database = await openDatabase<Schema>(location, { onCreateConnection: delayStatements });
    t.teardown(() => database.close().then(remove));
    const signal = AbortSignal.timeout(5000);
    await database.check(signal);
    const start = performance.now();
    await withDelay(30, () =>
      database.db
        .selectFrom('things')
        .selectAll()
        .execute()
        .catch(() => {}),
    );
    t.ok(performance.now() - start >= 29);
  });
}
