import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { StatementSync } from 'node:sqlite';
import { DatabaseSync } from 'node:sqlite';
import { tracedDialect } from '@tandem/telemetry/kysely';
import type { SqliteDatabase } from 'kysely';
import { SqliteAdapter, SqliteDialect } from 'kysely';
import { ConfigError } from '../settings/environment.ts';
import type { DatabaseOptions } from './database.ts';

/** Longest wait for another process that writes to the SQLite file. The event loop stands still during the wait. */
const BUSY_TIMEOUT_MS = 200;

/** Kysely's dialect for a SQLite file, with spans. */
export function sqlite(path: string, options: DatabaseOptions) {
  return tracedDialect(sqliteDialect(path, options), { system: 'sqlite', namespace: basename(path) });
}

/**
 * Kysely's dialect on node:sqlite. Only the owner may read the file (mode 0600) and its folder (0700).
 * @throws ConfigError naming DATA_DIR, for a file that cannot be opened
 */
function sqliteDialect(path: string, { onCreateConnection }: DatabaseOptions): SqliteDialect {
  try {
    if (path !== ':memory:') createPrivately(path);
    const file = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    file.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on');
    return new TransactionalDialect({
      database: asBetterSqlite(file),
      ...(onCreateConnection && { onCreateConnection }),
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(
      'DATA_DIR',
      `The database ${path} cannot be opened: ${reason}. Set DATA_DIR to a folder that this user may write to.`,
    );
  }
}

/** SQLite can run a migration in a transaction, but Kysely's adapter denies it. */
class TransactionalDialect extends SqliteDialect {
  override createAdapter() {
    return Object.defineProperty(new SqliteAdapter(), 'supportsTransactionalDdl', { value: true });
  }
}

/** Creates the file before SQLite opens it, because SQLite copies the file's mode to its log. */
function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}

/** node:sqlite with the methods of better-sqlite3 that Kysely's dialect calls. Each text is prepared once. */
function asBetterSqlite(file: DatabaseSync): SqliteDatabase {
  const prepared = new Map<string, ReturnType<typeof adapt>>();
  return {
    close: () => file.close(),
    prepare(sql) {
      const text = textFor(sql, file.isTransaction);
      const known = prepared.get(text) ?? adapt(file.prepare(text));
      prepared.set(text, known);
      return known;
    },
  };
}

function textFor(sql: string, isTransaction: boolean): string {
  // All transactions here write, so they take the write lock when they begin.
  if (sql === 'begin') return 'begin immediate';
  // SQLite itself ends the transaction when the disk is full. A rollback would then fail and hide the cause.
  return sql === 'rollback' && !isTransaction ? 'select 1' : sql;
}

function adapt(statement: StatementSync) {
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
}
