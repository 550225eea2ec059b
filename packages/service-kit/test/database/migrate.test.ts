import { sql } from 'kysely';
import t from 'tap';
import { migrateToLatest } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { databaseVariants } from '../../src/testing/index.ts';

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
}
