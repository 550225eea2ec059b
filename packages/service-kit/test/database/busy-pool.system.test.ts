import { sql } from 'kysely';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/database.ts';
import { problemOf } from '../../src/problems/answer-error.ts';
import { databaseVariants } from '../../testing/index.ts';

const [, postgres] = databaseVariants(process.env.TEST_DATABASE_URL);

/** Asks the server; resolves with a problem's code or 'ok'. */
function ask(database: Database<unknown>): Promise<string> {
  return sql`select 1`.execute(database.db).then(
    () => 'ok',
    (error: unknown) => problemOf(error).code,
  );
}

if (postgres !== undefined) {
  t.test(
    'a pool whose connections are all in use is a database that is away, until one is free',
    async (t) => {
      const { location, remove } = await postgres.create();
      const database = await openDatabase<unknown>({ ...location, poolSize: 1 });
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
      t.equal(await ask(database), 'DATABASE_UNAVAILABLE');
      isOver = true;
      await holder;
      t.equal(await ask(database), 'ok');
    },
  );
}
