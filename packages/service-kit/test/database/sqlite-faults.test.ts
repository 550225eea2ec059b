import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { copyFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import type { Test } from 'tap';
import t from 'tap';
import { runWork, Work } from '../../src/database/work.ts';
import { problemOf } from '../../src/problems/problem-of.ts';
import { openDatabase } from '../../src/traced/open-database.ts';

interface Schema {
  things: { text: string };
}

async function open(t: Test) {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-test-'));
  const file = join(folder, 'data', 'test.sqlite');
  const database = openDatabase<Schema>({ file });
  t.teardown(() => database.close().then(() => rmSync(folder, { recursive: true })));
  await database.db.schema.createTable('things').addColumn('text', 'text').execute();
  const write = (text = 'written') =>
    database.db.transaction().execute(async (transaction) => {
      await transaction.insertInto('things').values({ text }).execute();
    });
  const read = async () => (await database.db.selectFrom('things').selectAll().execute()).length;
  return { database, file, write, read };
}

/** Locks a file for writing, as another process does. */
function lock(file: string) {
  const other = new DatabaseSync(file);
  other.exec('begin immediate');
  return () => {
    other.exec('rollback');
    other.close();
  };
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'ok',
    (error: unknown) => problemOf(error).code,
  );

t.test('a write waits for another process without stopping this one, and reads go on', async (t) => {
  const { write, read, file, database } = await open(t);
  const unlock = lock(file);
  const order: string[] = [];
  const writing = write().then(() => order.push('written'));
  const alone = database.db.insertInto('things').values({ text: 'alone' }).execute();
  for (let turn = 0; turn < 20; turn++) {
    t.equal(await read(), 0);
    order.push('read');
  }
  unlock();
  await Promise.all([writing, alone]);
  t.same(order, [...Array(20).fill('read'), 'written']);
  t.equal(await read(), 2);
});

t.test(
  'a write whose request runs out of time meanwhile is refused as busy, and stores nothing',
  async (t) => {
    const { write, read, file, database } = await open(t);
    const unlock = lock(file);
    const work = () => new Work(performance.now() + 1000);
    t.same(await Promise.all([1, 2, 3].map(() => codeOf(runWork(work(), () => write())))), [
      'DATABASE_BUSY',
      'DATABASE_BUSY',
      'DATABASE_BUSY',
    ]);
    await t.resolves(database.check(), 'readiness does not mind');
    unlock();
    t.equal(await codeOf(runWork(work(), () => write())), 'ok');
    t.equal(await read(), 1);
  },
);

t.test('a disk that is full is told as such, and writing goes on when there is room', async (t) => {
  const { write, read, database } = await open(t);
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(database.db);
  const limit = (pages: number) => sql`pragma max_page_count = ${sql.lit(pages)}`.execute(database.db);
  await limit(Number(rows[0]?.page_count) + 1);
  const failure = await write('x'.repeat(100_000)).catch((error: unknown) => error);
  t.match(failure, { message: 'database or disk is full', code: 'SQLITE_FULL' });
  t.equal(problemOf(failure).code, 'DATABASE_UNAVAILABLE');
  t.equal(await read(), 0);
  await limit(1_000_000);
  await write('x'.repeat(100_000));
  t.equal(await read(), 1);
});

for (const [what, remove] of [
  ['removed', (file: string) => unlink(file)],
  [
    'replaced',
    async (file: string) => {
      await copyFile(file, `${file}.copy`);
      await rename(`${file}.copy`, file);
    },
  ],
] as const)
  t.test(`a file that was ${what} is noticed: nothing is written where it would be lost`, async (t) => {
    const { database, file, write } = await open(t);
    await database.check();
    await remove(file);
    await t.rejects(database.check(), { message: /test\.sqlite was removed or replaced/ });
    t.equal(await codeOf(write()), 'DATABASE_UNAVAILABLE');
  });

t.test('a pipe in the place of the file is refused by name, and not waited for', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'test.sqlite');
  execFileSync('mkfifo', [file]);
  t.throws(() => openDatabase<Schema>({ file }), { message: `${file} is no file; remove it` });
});

t.test('the files are for their owner only, those of an older version too', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-test-'));
  const file = join(folder, 'test.sqlite');
  await writeFile(file, '', { mode: 0o644 });
  const database = openDatabase<Schema>({ file });
  t.teardown(() => database.close().then(() => rmSync(folder, { recursive: true })));
  await database.db.schema.createTable('things').addColumn('text', 'text').execute();
  for (const name of [file, `${file}-wal`, `${file}-shm`])
    t.equal((await stat(name)).mode & 0o777, 0o600, name);
});
