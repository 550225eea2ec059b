import { context } from '@opentelemetry/api';
import { withSpan } from '@tandem/telemetry';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import t from 'tap';
import { withFault } from '../../../src/traced/faults/active-fault.ts';
import { parseFault } from '../../../src/traced/faults/fault.ts';
import { openDatabase } from '../../../src/traced/index.ts';
import { databaseVariants } from '../../../testing/index.ts';

interface Schema {
  things: { name: string };
}

const telemetry = createTestTelemetry();
t.teardown(() => telemetry.shutdown());

function withDelay<T>(milliseconds: number, work: () => T): T {
  const fault = parseFault(`database:delay=${milliseconds}`);
  if (fault === undefined) throw new Error('unreachable');
  return context.with(withFault(context.active(), fault), work);
}

for (const variant of databaseVariants(process.env.TEST_DATABASE_URL)) {
  t.test(`${variant.name}: statements wait within their spans, transaction commands do not`, async (t) => {
    const { location, remove } = await variant.create();
    const { db, close } = openDatabase<Schema>(location);
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

  t.test(`${variant.name}: a transaction that is given up while it waits is rolled back`, async (t) => {
    const { location, remove } = await variant.create();
    const { db, close } = openDatabase<Schema>(location);
    t.teardown(() => close().then(remove));
    await db.schema.createTable('things').addColumn('name', 'text').execute();
    const answered = new AbortController();
    const fault = parseFault('database:delay=10000');
    if (fault === undefined) throw new Error('unreachable');
    const given = context.with(withFault(context.active(), fault, answered.signal), () =>
      db
        .transaction()
        .execute((transaction) => transaction.insertInto('things').values({ name: 'a' }).execute()),
    );
    answered.abort();
    await t.rejects(given, { code: 'DEADLINE_EXCEEDED' });
    t.same(await db.selectFrom('things').selectAll().execute(), []);
    await db
      .transaction()
      .execute((transaction) => transaction.insertInto('things').values({ name: 'b' }).execute());
    t.equal(
      (await db.selectFrom('things').selectAll().execute()).length,
      1,
      'the next one is not in its way',
    );
  });

  t.test(`${variant.name}: outside of a trace the delay happens all the same`, async (t) => {
    const { location, remove } = await variant.create();
    const database = openDatabase<Schema>(location);
    t.teardown(() => database.close().then(remove));
    await database.check();
    const start = performance.now();
    await withDelay(30, () => database.check());
    t.ok(performance.now() - start >= 29);
  });
}
