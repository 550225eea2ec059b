import type { Dialect } from 'kysely';
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { SqliteDriver } from './sqlite-driver.ts';
import type { SqliteFile } from './sqlite-file.ts';

/** Kysely's dialect for node:sqlite, made for several processes on one file and for an event loop that never waits. */
export function sqliteDialect(file: SqliteFile): Dialect {
  return {
    createAdapter: () => new SharedSqliteAdapter(),
    createDriver: () => new SqliteDriver(file),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** What Kysely assumes of SQLite is too little: schema changes take part in transactions, and many may read at once. */
class SharedSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }

  override get supportsMultipleConnections(): boolean {
    return true;
  }
}
