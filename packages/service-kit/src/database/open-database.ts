import { mkdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { tracedDialect } from '@tandem/telemetry';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { delayFaultyQuery } from '../faults/active-fault.ts';
import { openNodeSqlite } from './node-sqlite.ts';
import { SharedSqliteDialect } from './sqlite-dialect.ts';

/** Which database a service uses: a PostgreSQL server, or a SQLite file (`:memory:` for a test's own). */
export type DatabaseLocation = { readonly url: string } | { readonly file: string };

/** A service's database; statements within a trace make spans. */
export interface Database<Schema> {
  readonly db: Kysely<Schema>;
  readonly system: 'sqlite' | 'postgresql';
  /** Resolves when the database answers. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the database. Nothing is connected yet for PostgreSQL; a SQLite file is created, its folder with mode 0700.
 * @param onIdleError told of PostgreSQL connections that broke while no statement used them
 */
export function openDatabase<Schema>(
  location: DatabaseLocation,
  onIdleError: (error: Error) => void = () => {},
): Database<Schema> {
  return 'url' in location ? openPostgres(location.url, onIdleError) : openSqlite(location.file);
}

function openSqlite<Schema>(file: string): Database<Schema> {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const dialect = new SharedSqliteDialect({ database: openNodeSqlite(file) });
  return database(
    'sqlite',
    new Kysely({
      dialect: tracedDialect(dialect, {
        system: 'sqlite',
        namespace: basename(file),
        beforeQuery: delayFaultyQuery,
      }),
    }),
  );
}

const POOL = {
  max: 10,
  connectionTimeoutMillis: 3000,
  statement_timeout: 5000,
  idleTimeoutMillis: 30_000,
};

function openPostgres<Schema>(url: string, onIdleError: (error: Error) => void): Database<Schema> {
  const { hostname, port, pathname } = new URL(url);
  const pool = new pg.Pool({ connectionString: url, ...POOL });
  pool.on('error', onIdleError);
  const dialect = tracedDialect(new PostgresDialect({ pool }), {
    system: 'postgresql',
    namespace: decodeURIComponent(pathname.slice(1)),
    serverAddress: hostname,
    serverPort: Number(port || 5432),
    beforeQuery: delayFaultyQuery,
  });
  return database('postgresql', new Kysely({ dialect }));
}

function database<Schema>(system: Database<Schema>['system'], db: Kysely<Schema>): Database<Schema> {
  return {
    db,
    system,
    check: async () => {
      await sql`select 1`.execute(db);
    },
    close: () => db.destroy(),
  };
}
