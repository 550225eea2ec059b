import { basename, join } from 'node:path';
import { tracedDialect } from '@tandem/telemetry/kysely';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { fromBase } from './config.ts';
import { delayStatements } from './faults.ts';
import type { CommonSettings } from './settings.ts';
import { sqliteDialect } from './sqlite.ts';

/** Longest wait for a connection, be it for a new one or for one in use. */
const CONNECT_TIMEOUT_MS = 2000;
/** Longest that PostgreSQL works on one statement. */
const STATEMENT_TIMEOUT_MS = 2000;
/** Longest that a statement's answer may take; then its connection is given up. Both waits end within a request's 5 s. */
const ANSWER_TIMEOUT_MS = 2500;
/** Longest wait for another process at the start. */
const LONG_TIMEOUT_MS = 10_000;
/** Connections are made anew after this time, so that they find their way to where the server's name leads now. */
const MAX_LIFETIME_SECONDS = 300;

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

/**
 * Opens the database. Nothing is connected yet for PostgreSQL; a SQLite file is created.
 * @param onIdleError told of PostgreSQL connections that broke while no statement used them
 * @throws ConfigError for a SQLite file that cannot be opened
 */
export function openDatabase<Schema>(
  location: DatabaseLocation,
  onIdleError: (error: Error) => void = () => {},
): Database<Schema> {
  const dialect = 'url' in location ? postgres(location, onIdleError) : sqlite(location.file);
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

function sqlite(path: string) {
  return tracedDialect(sqliteDialect(path), { system: 'sqlite', namespace: basename(path) });
}

function postgres(
  { url, poolSize }: Extract<DatabaseLocation, { url: string }>,
  onIdleError: (error: Error) => void,
) {
  const { hostname, port, pathname } = new URL(url);
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    pipeline: true, // a connection whose answer does not come in time is closed, instead of being used again
    keepAlive: true,
    maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
  });
  pool.on('error', onIdleError);
  // The pool listens for errors of idle connections only. One that breaks between two statements of a transaction would
  // end the process; the next statement fails.
  pool.on('connect', (client) => client.on('error', () => {}));
  return tracedDialect(new PostgresDialect({ pool, onCreateConnection: delayStatements }), {
    system: 'postgresql',
    namespace: decodeURIComponent(pathname.slice(1)),
    serverAddress: hostname,
    serverPort: Number(port || 5432),
  });
}
