import type { DatabaseConnection, Driver } from 'kysely';
import { CompiledQuery, SqliteAdapter, SqliteDialect } from 'kysely';

/**
 * Kysely's SQLite dialect, made safe for several processes on one file. A transaction takes the write lock when it
 * begins: one that reads first and writes later could not wait for another writer, it would fail. That also makes
 * each migration run a lock of its own, which Kysely's SQLite adapter has not.
 */
export class SharedSqliteDialect extends SqliteDialect {
  override createDriver(): Driver {
    const driver = super.createDriver();
    driver.beginTransaction = async (connection: DatabaseConnection) => {
      await connection.executeQuery(CompiledQuery.raw('begin immediate'));
    };
    return driver;
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalDdlAdapter();
  }
}

/** SQLite's schema changes do take part in transactions; Kysely only has to be told. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
