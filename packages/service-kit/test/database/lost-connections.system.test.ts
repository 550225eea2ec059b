import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { openDatabase } from '../../src/database/database.ts';
import { problemOf } from '../../src/problems/answer-error.ts';
import { databaseVariants } from '../../testing/index.ts';

const [, postgres] = databaseVariants(process.env.TEST_DATABASE_URL);

if (postgres !== undefined) {
  t.test('a database that has become read-only answers 503 to writes, and reads go on', async (t) => {
    const { location, remove } = await postgres.create();
    const database = await openDatabase({ ...location, poolSize: 1 });
    t.teardown(() => database.close().then(remove));
    await sql`set default_transaction_read_only = on`.execute(database.db);
    const failure = await sql`create table things (name text)`.execute(database.db).catch((error) => error);
    t.equal(problemOf(failure).code, 'DATABASE_UNAVAILABLE');
    await t.resolves(sql`select 1`.execute(database.db));
  });

  t.test(
    'a session that takes no writes is not used again: the next one may lead to the new primary',
    async (t) => {
      const { location, remove } = await postgres.create();
      const database = await openDatabase({ ...location, poolSize: 1 });
      t.teardown(() => database.close().then(remove));
      const create = sql`create table if not exists things (name text)`;
      const writes = {
        alone: () => create.execute(database.db),
        'in a transaction': () => database.db.transaction().execute((db) => create.execute(db)),
      };
      for (const [name, write] of Object.entries(writes)) {
        await sql`set default_transaction_read_only = on`.execute(database.db);
        const failure = await write().catch((error: unknown) => error);
        t.equal(problemOf(failure).code, 'DATABASE_UNAVAILABLE', name);
        await t.resolves(write(), name);
      }
    },
  );

  t.test('a connection that breaks in a migration does not end the process: a new one follows', async (t) => {
    const { location, remove } = await postgres.create();
    const database = await openDatabase(location);
    t.teardown(() => database.close().then(remove));
    const backend = sql<{ pid: number }>`select pg_backend_pid() as pid`;
    await database.runLong(async (db) => {
      const [first] = (await backend.execute(db)).rows;
      await sql`select pg_terminate_backend(${first?.pid}, 5000)`.execute(database.db);
      // The statement that meets the break fails.
      const next = await until(() => backend.execute(db).catch(() => undefined));
      t.not(next.rows[0]?.pid, first?.pid);
    });
  });

  t.test('a database that refuses the service is away until it accepts the service again', async (t) => {
    const { location, remove } = await postgres.create();
    const role = `guest_${randomBytes(6).toString('hex')}`;
    const admin = await openDatabase(location);
    await sql`create role ${sql.id(role)} login`.execute(admin.db);
    const url = new URL('url' in location ? location.url : '');
    url.username = role;
    const database = await openDatabase({ url: url.href });
    t.teardown(async () => {
      await database.close();
      await sql`drop role ${sql.id(role)}`.execute(admin.db);
      await admin.close();
      await remove();
    });
    await sql`alter role ${sql.id(role)} nologin`.execute(admin.db);
    const failure = await sql`select 1`.execute(database.db).catch((error) => error);
    t.match(problemOf(failure), { code: 'DATABASE_UNAVAILABLE', cause: { code: '28000' } });
    t.notMatch(problemOf(failure).message, role, 'callers are not told who may not log in');
    await t.rejects(database.check(AbortSignal.timeout(2000)));
    await sql`alter role ${sql.id(role)} login`.execute(admin.db);
    await t.resolves(sql`select 1`.execute(database.db));
  });

  t.test(
    'a connection that the server ends between two statements fails the next one, and no more',
    async (t) => {
      const { location, remove } = await postgres.create();
      const [database, other] = [await openDatabase(location), await openDatabase(location)];
      t.teardown(() => Promise.all([database.close(), other.close()]).then(remove));
      const failure = await database.db
        .transaction()
        .execute(async (transaction) => {
          const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction);
          const pid = rows[0]?.pid;
          await sql`select pg_terminate_backend(${pid})`.execute(other.db);
          await until(async () => {
            const left = await sql`select 1 from pg_stat_activity where pid = ${pid}`.execute(other.db);
            return left.rows.length === 0;
          });
          // The server's last answer arrives while no statement waits.
          for (let turn = 0; turn < 20; turn++) await nextTurn();
          await sql`select 1`.execute(transaction);
        })
        .catch((error: unknown) => error);
      t.equal(problemOf(failure).code, 'DATABASE_UNAVAILABLE');
      await t.resolves(database.check(AbortSignal.timeout(20_000)), 'the next one works');
    },
  );
}
