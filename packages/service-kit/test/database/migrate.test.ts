import { sql } from 'kysely';
import t from 'tap';
import { openDatabase } from '../../src/database/database.ts';
import { migrateToLatest } from '../../src/database/migrate.ts';
import { databaseVariants } from '../../testing/index.ts';

interface Schema {
  things: { name: string };
}

for (const variant of databaseVariants(process.env.TEST_DATABASE_URL)) {
  t.test(`${variant.name}: a migration that fails leaves nothing of itself behind`, async (t) => {
    const { location, remove } = await variant.create();
    const database = await openDatabase<Schema>(location);
    t.teardown(() => database.close().then(remove));
    const migrations = {
      '1': {
        async up(db: typeof database.db) {
          await db.schema.createTable('things').addColumn('name', 'text').execute();
          await sql`select nonsense from nowhere`.execute(db);
        },
      },
    };
    await t.rejects(migrateToLatest(database, 'test', migrations), /nowhere/);
    await t.rejects(database.db.selectFrom('things').selectAll().execute(), /things/);
  });

  t.test(`${variant.name}: services record their migrations separately in one database`, async (t) => {
    const { location, remove } = await variant.create();
    const database = await openDatabase<Schema>(location);
    t.teardown(() => database.close().then(remove));
    const ran: string[] = [];
    const migration = (name: string) => ({ [name]: { up: async () => void ran.push(name) } });
    await migrateToLatest(database, 'service-one', migration('0001-one'));
    await migrateToLatest(database, 'service-two', migration('0001-two'));
    await migrateToLatest(database, 'service-one', migration('0001-one'));
    t.same(ran, ['0001-one', '0001-two']);
  });

  // On SQLite, replicas are processes of their own: services/activities-api/test/replicas.nightly.test.ts.
  if (variant.name === 'sqlite') continue;

  t.test(`${variant.name}: a replica waits for another's migration, however long that takes`, async (t) => {
    const { location, remove } = await variant.create();
    const replicas = await Promise.all([1, 2, 3].map(() => openDatabase<Schema>(location)));
    t.teardown(() => Promise.all(replicas.map((replica) => replica.close())).then(remove));
    let runs = 0;
    const migrations = {
      '0001-slow': {
        async up(db: (typeof replicas)[number]['db']) {
          runs++;
          await sql`select pg_sleep(3)`.execute(db);
        },
      },
    };
    await Promise.all(replicas.map((replica) => migrateToLatest(replica, 'test', migrations)));
    t.equal(runs, 1);
    for (const { db } of replicas) {
      const { rows } = await sql`show statement_timeout`.execute(db);
      t.same(rows, [{ statement_timeout: '2s' }], 'requests keep their limit');
    }
  });
}
