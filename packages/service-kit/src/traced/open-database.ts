import { basename } from 'node:path';
import { tracedDialect } from '@tandem/telemetry';
import { Kysely, sql } from 'kysely';
import type { DatabaseLocation, PostgresLocation } from '../database/location.ts';
import { PatientPostgresDialect } from '../database/postgres-dialect.ts';
import { BoundedPostgresPool } from '../database/postgres-pool.ts';
import { sqliteDialect } from '../database/sqlite-dialect.ts';
import { SqliteFile } from '../database/sqlite-file.ts';
import { runWork, Work } from '../database/work.ts';
import { workDialect } from '../database/work-dialect.ts';
import { problems } from '../errors.ts';
import { Problem } from '../problems/problem.ts';
import { settlesWithin } from '../process/settles-within.ts';
import { faultyDialect } from './faults/faulty-dialect.ts';

/** Connections to PostgreSQL where the location does not say. */
const DEFAULT_POOL_SIZE = 10;
/** Time for the database to answer a check. */
const CHECK_TIMEOUT_MS = 2000;
/** Kept of that time, to tell a database that is busy from one that is away. */
const CHECK_RESERVE_MS = 200;

/** A service's database; statements within a trace make spans. */
export interface Database<Schema> {
  readonly db: Kysely<Schema>;
  readonly system: 'sqlite' | 'postgresql';
  /** Resolves when the database answers, also when it is busy; rejects when it does not within two seconds. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the database. Nothing is connected yet for PostgreSQL; a SQLite file is created, its folder with mode 0700.
 * @param onIdleError told of PostgreSQL connections that broke while no statement used them
 * @throws Error of the file system or of SQLite, for a file that cannot be opened
 */
export function openDatabase<Schema>(
  location: DatabaseLocation,
  onIdleError: (error: Error) => void = () => {},
): Database<Schema> {
  return 'url' in location ? openPostgres(location, onIdleError) : openSqlite(location.file);
}

function openSqlite<Schema>(path: string): Database<Schema> {
  const file = new SqliteFile(path);
  const traced = tracedDialect(faultyDialect(sqliteDialect(file)), {
    system: 'sqlite',
    namespace: basename(path),
  });
  return database('sqlite', new Kysely({ dialect: workDialect(traced) }), () => file.assertInPlace());
}

function openPostgres<Schema>(
  { url, poolSize = DEFAULT_POOL_SIZE }: PostgresLocation,
  onIdleError: (error: Error) => void,
): Database<Schema> {
  const { hostname, port, pathname } = new URL(url);
  const pool = new BoundedPostgresPool(url, poolSize, onIdleError);
  const dialect = tracedDialect(faultyDialect(new PatientPostgresDialect({ pool })), {
    system: 'postgresql',
    namespace: decodeURIComponent(pathname.slice(1)),
    serverAddress: hostname,
    serverPort: Number(port || 5432),
  });
  return database('postgresql', new Kysely({ dialect: workDialect(dialect) }));
}

function database<Schema>(
  system: Database<Schema>['system'],
  db: Kysely<Schema>,
  assertInPlace: () => void = () => {},
): Database<Schema> {
  return {
    db,
    system,
    async check() {
      assertInPlace();
      const work = new Work(performance.now() + CHECK_TIMEOUT_MS - CHECK_RESERVE_MS);
      const answer = runWork(work, () => sql`select 1`.execute(db));
      if (!(await settlesWithin(answer, CHECK_TIMEOUT_MS))) throw problems.DATABASE_UNAVAILABLE();
      await answer.catch((error: unknown) => {
        if (!isBusy(error)) throw error;
      });
    },
    close: () => db.destroy(),
  };
}

function isBusy(error: unknown): boolean {
  return error instanceof Problem && error.code === 'DATABASE_BUSY';
}
