import { sql } from 'kysely';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { runWork, Work } from '../../src/database/work.ts';
import { problemOf } from '../../src/problems/problem-of.ts';
import type { Database } from '../../src/traced/open-database.ts';
import { openDatabase } from '../../src/traced/open-database.ts';
import { databaseVariants } from '../../testing/index.ts';

const [, postgres] = databaseVariants(process.env.TEST_DATABASE_URL);

/** Sleeps on the server as part of a request with this many milliseconds left; resolves with a problem's code or 'ok'. */
function sleep(database: Database<unknown>, seconds: number, milliseconds: number): Promise<string> {
  const work = new Work(performance.now() + milliseconds);
  return runWork(work, () => sql`select pg_sleep(${seconds})`.execute(database.db)).then(
    () => 'ok',
    (error: unknown) => problemOf(error).code,
  );
}

if (postgres !== undefined) {
  t.test('a pool whose connections are in use is told apart from a database that is away', async (t) => {
    const { location, remove } = await postgres.create();
    const database = openDatabase<unknown>({ ...location, poolSize: 1 });
    t.teardown(() => database.close().then(remove));
    let isOver = false;
    let isHeld = false;
    const holder = database.db.connection().execute(async (connection) => {
      await until(async () => {
        await sql`select 1`.execute(connection);
        isHeld = true;
        return isOver;
      });
    });
    await until(() => isHeld);
    t.equal(await sleep(database, 0, 300), 'DATABASE_BUSY');
    await t.resolves(database.check(), 'for readiness, busy is no failure');
    isOver = true;
    await holder;
    t.equal(await sleep(database, 0, 3000), 'ok');
  });

  t.test(
    'requests that would wait too long are refused at once, before those in front are done',
    async (t) => {
      const { location, remove } = await postgres.create();
      const database = openDatabase<unknown>({ ...location, poolSize: 2 });
      t.teardown(() => database.close().then(remove));
      t.equal(await sleep(database, 0.25, 5000), 'ok', 'tells how long a request takes');
      const settled: string[] = [];
      const all = Array.from({ length: 40 }, () =>
        sleep(database, 0.25, 5000).then((code) => void settled.push(code)),
      );
      await Promise.all(all);
      const refused = settled.filter((code) => code === 'DATABASE_BUSY').length;
      t.ok(refused > 20, 'most are refused');
      t.same(new Set(settled.slice(0, refused)), new Set(['DATABASE_BUSY']), 'the refused first');
      t.same(new Set(settled.slice(refused)), new Set(['ok']), 'all others are served');
    },
  );
}
