import { DatabaseSync } from 'node:sqlite';
import { tracedDialect } from '@tandem/telemetry/kysely';
import type { Generated } from 'kysely';
import { Kysely, SqliteDialect } from 'kysely';

interface Schema {
  orders: { id: Generated<number>; item: string; customer: string };
}

/** Orders in a database in memory. `tracedDialect` takes every dialect of Kysely, such as the one for `pg`. */
export async function openOrders() {
  const file = new DatabaseSync(':memory:');
  const dialect = new SqliteDialect({ database: asBetterSqlite(file) });
  const db = new Kysely<Schema>({ dialect: tracedDialect(dialect, { system: 'sqlite' }) });
  await db.schema
    .createTable('orders')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('item', 'text')
    .addColumn('customer', 'text')
    .execute();
  await db.insertInto('orders').values({ item: 'tandem', customer: 'andrew@example.com' }).execute();
  return {
    find: (id: number) => db.selectFrom('orders').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
    close: () => db.destroy(),
  };
}

/** Node's own SQLite with the methods that Kysely's dialect calls. */
function asBetterSqlite(file: DatabaseSync) {
  return {
    close: () => file.close(),
    prepare(sql: string) {
      const statement = file.prepare(sql);
      type Values = Parameters<typeof statement.all>;
      return {
        reader: statement.columns().length > 0,
        all: (values: readonly unknown[]) => statement.all(...(values as Values)),
        run(values: readonly unknown[]) {
          const { changes, lastInsertRowid } = statement.run(...(values as Values));
          return { changes: Number(changes), lastInsertRowid };
        },
        iterate: (values: readonly unknown[]) => statement.iterate(...(values as Values)),
      };
    },
  };
}
