import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import t from 'tap';
import { migrateToLatest } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/traced/open-database.ts';
import { databaseVariants } from '../../testing/index.ts';

interface Schema {
  things: { name: string };
}

for (const variant of databaseVariants(process.env.TEST_DATABASE_URL)) {
  t.test(`${variant.name}: a migration that fails leaves nothing of itself behind`, async (t) => {
    const { location, remove } = await variant.create();
    const database = openDatabase<Schema>(location);
    t.teardown(() => database.close().then(remove));
    const migrations = {
      '1': {
        async up(db: typeof database.db) {
          await db.schema.createTable('things').addColumn('name', 'text').execute();
          await sql`select nonsense from nowhere`.execute(db);
        },
      },
    };
    await t.rejects(migrateToLatest(database.db, 'test', migrations), /nowhere/);
    await t.rejects(database.db.selectFrom('things').selectAll().execute(), /things/);
  });

  t.test(`${variant.name}: services keep separate records of what ran in one database`, async (t) => {
    const { location, remove } = await variant.create();
    const database = openDatabase<Schema>(location);
    t.teardown(() => database.close().then(remove));
    const ran: string[] = [];
    const migration = (name: string) => ({ [name]: { up: async () => void ran.push(name) } });
    await migrateToLatest(database.db, 'service-one', migration('0001-one'));
    await migrateToLatest(database.db, 'service-two', migration('0001-two'));
    await migrateToLatest(database.db, 'service-one', migration('0001-one'));
    t.same(ran, ['0001-one', '0001-two']);
  });

  t.test(`${variant.name}: a database that a newer version has migrated is named as such`, async (t) => {
    const { location, remove } = await variant.create();
    const database = openDatabase<Schema>(location);
    t.teardown(() => database.close().then(remove));
    const migration = { up: async () => {} };
    await migrateToLatest(database.db, 'test', { '0001-old': migration, '0002-new': migration });
    const start = migrateToLatest(database.db, 'test', { '0001-old': migration });
    await t.rejects(start, {
      name: 'ConfigError',
      message: /^The database has the migration 0002-new, which this version of test does not know/,
    });
  });

  t.test(`${variant.name}: a replica waits for another's migration, however long that takes`, async (t) => {
    const { location, remove } = await variant.create();
    // Far less than the migration takes.
    const hasty = 'url' in location ? { url: `${location.url}?statement_timeout=150` } : location;
    const replicas = [1, 2, 3].map(() => openDatabase<Schema>(hasty));
    t.teardown(() => Promise.all(replicas.map((replica) => replica.close())).then(remove));
    let runs = 0;
    const migrations = {
      '0001-slow': {
        async up(db: (typeof replicas)[number]['db']) {
          runs++;
          if (variant.name === 'postgresql') await sql`select pg_sleep(0.6)`.execute(db);
          else await sleep(600);
        },
      },
    };
    await Promise.all(replicas.map(({ db }) => migrateToLatest(db, 'test', migrations)));
    t.equal(runs, 1);
    if (variant.name === 'sqlite') return;
    for (const { db } of replicas) {
      const { rows } = await sql`show statement_timeout`.execute(db);
      t.same(rows, [{ statement_timeout: '150ms' }], 'requests keep their limit');
    }
  });
}
