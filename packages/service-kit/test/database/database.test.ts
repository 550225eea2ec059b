import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sql } from 'kysely';
import t from 'tap';
import { openDatabase } from '../../src/database/database.ts';

t.test('the folder of an embedded database is for its owner only', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'data', 'test.sqlite');
  const database = await openDatabase({ file });
  await database.check(AbortSignal.timeout(2000));
  t.equal((await stat(dirname(file))).mode & 0o777, 0o700);
  await database.close();
});

t.test('readers of a file do not wait for its writer, and see only what is committed', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-test-'));
  const open = () => openDatabase<{ things: { n: number } }>({ file: join(folder, 'x.sqlite') });
  const [one, two] = [await open(), await open()];
  t.teardown(() => Promise.all([one.close(), two.close()]).then(() => rm(folder, { recursive: true })));
  await one.db.schema.createTable('things').addColumn('n', 'integer').execute();
  await one.db.transaction().execute(async (transaction) => {
    await transaction.insertInto('things').values({ n: 1 }).execute();
    t.same(await two.db.selectFrom('things').selectAll().execute(), []);
  });
  await two.db
    .transaction()
    .execute((transaction) => transaction.insertInto('things').values({ n: 2 }).execute());
  t.equal((await one.db.selectFrom('things').selectAll().execute()).length, 2);
  const { rows } = await sql<{ timeout: number }>`pragma busy_timeout`.execute(one.db);
  t.same(rows, [{ timeout: 200 }], 'SQLite waits for a moment only: the event loop stands meanwhile');
});

t.test('a full file is reported as full, although SQLite has ended the transaction by itself', async (t) => {
  const database = await openDatabase<{ things: { text: string } }>({ file: ':memory:' });
  t.teardown(() => database.close());
  await database.db.schema.createTable('things').addColumn('text', 'text').execute();
  await sql`pragma max_page_count = 8`.execute(database.db);
  const full = database.db.transaction().execute(async (transaction) => {
    for (let n = 0; n < 100; n++)
      await transaction
        .insertInto('things')
        .values({ text: 'x'.repeat(3000) })
        .execute();
  });
  await t.rejects(full, /is full/);
});

t.test('a database that does not answer fails the check', async (t) => {
  const database = await openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none' });
  t.teardown(() => database.close());
  await t.rejects(database.check(AbortSignal.timeout(2000)), { message: /ECONNREFUSED/ });
});
