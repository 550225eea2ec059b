import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { StatementSync } from 'node:sqlite';
import { DatabaseSync } from 'node:sqlite';
import { tracedDialect } from '@tandem/telemetry/kysely';
import type { DatabaseConnection, SqliteDatabase } from 'kysely';
import { Kysely, PostgresDialect, SqliteAdapter, SqliteDialect, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import type { CommonSettings } from './config.ts';
import { ConfigError, fromBase } from './config.ts';

/** Longest wait for a connection: for a new one, or for one in use. */
const CONNECT_TIMEOUT_MS = 2000;
/** Longest that PostgreSQL works on one statement. */
const STATEMENT_TIMEOUT_MS = 2000;
/** Longest wait for a statement's answer; then its connection is closed. Both waits end within a request's 5 s. */
const ANSWER_TIMEOUT_MS = 2500;
/** Longest silence inside a transaction; then PostgreSQL ends the transaction, so that a frozen service keeps no locks. */
const IDLE_TRANSACTION_TIMEOUT_MS = 10_000;
/** Longest wait for another process at the start. */
const LONG_TIMEOUT_MS = 10_000;
/** Connections are replaced after this time, so that they follow a changed DNS entry. */
const MAX_LIFETIME_SECONDS = 300;
/** Longest wait for another process that writes to the SQLite file. The event loop stands still during the wait. */
const BUSY_TIMEOUT_MS = 200;

/** The database of a service: PostgreSQL's, or a SQLite file (`:memory:` for a test's own). */
export type DatabaseLocation =
  | { readonly url: string; readonly poolSize?: number | undefined }
  | { readonly file: string };

/** A service's database; statements within a trace make spans. */
export interface Database<Schema> {
  readonly db: Kysely<Schema>;
  /** Runs work that may take long, such as migrations, without the time limits of requests. */
  runLong(work: (db: Kysely<Schema>) => Promise<void>): Promise<void>;
  /** Resolves when the database answers; rejects when it does not, or when the signal is aborted. */
  check(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The database that the settings name: DATABASE_URL, or without it a SQLite file of the service's own below DATA_DIR. */
export function databaseLocation(
  config: Pick<CommonSettings, 'databaseUrl' | 'databasePoolSize' | 'dataDir'>,
  service: string,
): DatabaseLocation {
  const { databaseUrl: url, databasePoolSize: poolSize, dataDir } = config;
  return url === undefined ? { file: join(fromBase(dataDir), `${service}.sqlite`) } : { url, poolSize };
}

export interface DatabaseOptions {
  /** Told of PostgreSQL connections that broke while no statement used them. */
  readonly onIdleError?: (error: Error) => void;
  /** Called for each new connection, as by Kysely's own dialects. */
  readonly onCreateConnection?: ((connection: DatabaseConnection) => Promise<void>) | undefined;
}

/**
 * Opens the database. Nothing is connected yet for PostgreSQL; a SQLite file is created.
 * @throws ConfigError for a SQLite file that cannot be opened
 */
export function openDatabase<Schema>(
  location: DatabaseLocation,
  options: DatabaseOptions = {},
): Database<Schema> {
  const dialect = 'url' in location ? postgres(location, options) : sqlite(location.file, options);
  const db = new Kysely<Schema>({ dialect });
  return {
    db,
    async runLong(work) {
      if ('file' in location) return work(db);
      const pool = new pg.Pool({
        connectionString: location.url,
        max: 1,
        connectionTimeoutMillis: LONG_TIMEOUT_MS,
      });
      const long = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
      await work(long).finally(() => long.destroy());
    },
    async check(signal) {
      await db.executeQuery(sql`select 1`.compile(db), { signal });
    },
    close: () => db.destroy(),
  };
}

/**
 * Brings the schema up to date. Safe when replicas start together: one migrates, the others wait and find it done.
 * @param service prefix of the tables that record what ran, so that services can share one database
 * @throws ConfigError naming DATABASE_URL, for a database that does not answer, or a migration that failed: it is rolled back
 */
export async function migrateToLatest<Schema>(
  database: Database<Schema>,
  service: string,
  migrations: Record<string, Migration>,
): Promise<void> {
  const prefix = service.replaceAll('-', '_');
  await database.runLong(async (db) => {
    const migrator = new Migrator({
      db,
      provider: { getMigrations: async () => migrations },
      migrationTableName: `${prefix}_migrations`,
      migrationLockTableName: `${prefix}_migration_lock`,
    });
    const { error } = await migrator.migrateToLatest();
    if (error === undefined) return;
    const { message, code } = error as NodeJS.ErrnoException;
    const reason = `The database cannot be brought up to date: ${message || code}; see DATABASE_URL.`;
    throw new ConfigError('DATABASE_URL', reason, { cause: error });
  });
}

function sqlite(path: string, options: DatabaseOptions) {
  return tracedDialect(sqliteDialect(path, options), { system: 'sqlite', namespace: basename(path) });
}

function postgres(
  { url, poolSize }: Extract<DatabaseLocation, { url: string }>,
  { onIdleError = () => {}, onCreateConnection }: DatabaseOptions,
) {
  const { hostname, port, pathname } = new URL(url);
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
    pipeline: true, // a connection without an answer in time is closed instead of used again
    keepAlive: true,
    maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
  });
  pool.on('error', onIdleError);
  // The pool listens for errors of idle connections only. Without a listener, a connection that breaks inside a
  // transaction would end the process. With it, the next statement fails.
  pool.on('connect', (client) => client.on('error', () => {}));
  retireReadOnlySessions(pool);
  return tracedDialect(new PostgresDialect({ pool, ...(onCreateConnection && { onCreateConnection }) }), {
    system: 'postgresql',
    namespace: decodeURIComponent(pathname.slice(1)),
    serverAddress: hostname,
    serverPort: Number(port || 5432),
  });
}

/** SQLSTATE of a standby's answer to a write. */
const READ_ONLY = '25006';

/**
 * Closes a connection whose server took no writes, instead of using it again: after a failover, a new connection leads to
 * the new primary.
 */
function retireReadOnlySessions(pool: pg.Pool): void {
  const retired = new WeakSet<pg.PoolClient>();
  pool.on('connect', (client) => {
    const { connection } = client as unknown as pg.Client;
    connection.on('errorMessage', ({ code }) => {
      if (code === READ_ONLY) retired.add(client);
    });
  });
  // The pool drops a client that has been ended.
  pool.on('release', (_error, client) => {
    if (retired.has(client)) void (client as unknown as pg.Client).end();
  });
}

/**
 * Kysely's dialect for a file of node:sqlite. The file is made for its owner alone, in a folder with mode 0700.
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

/** SQLite can run a migration in a transaction. Kysely's adapter says otherwise. */
class TransactionalDialect extends SqliteDialect {
  override createAdapter() {
    return Object.defineProperty(new SqliteAdapter(), 'supportsTransactionalDdl', { value: true });
  }
}

/** SQLite gives its log the mode of the database file, so the file has its mode before SQLite opens it. */
function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}

/** Node's own SQLite with the methods that Kysely's dialect calls. Each text is prepared once. */
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
  // All transactions here write, so they take the write lock at their beginning.
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
