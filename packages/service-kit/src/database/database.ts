import { join } from 'node:path';
import type { DatabaseConnection } from 'kysely';
import { Kysely, sql } from 'kysely';
import { fromBase } from '../settings/base-folder.ts';
import type { CommonSettings } from '../settings/settings.ts';

/** The place of a service's data: PostgreSQL's URL, or a SQLite file (`:memory:` in tests). */
export type DatabaseLocation =
  | { readonly url: string; readonly poolSize?: number | undefined }
  | { readonly file: string };

/** A service's database. Statements within a trace make spans. */
export interface Database<Schema> {
  readonly db: Kysely<Schema>;
  /** Runs work that may take long, such as migrations, without the time limits of requests. */
  runLong(work: (db: Kysely<Schema>) => Promise<void>): Promise<void>;
  /** Resolves when the database answers; rejects without an answer, or when the signal is aborted. */
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
  /** Called for each new connection, like the option of Kysely's dialects. */
  readonly onCreateConnection?: ((connection: DatabaseConnection) => Promise<void>) | undefined;
}

/**
 * Opens the database, and loads the driver of this database alone. A SQLite file is created. The first statement connects
 * to PostgreSQL.
 * @throws ConfigError for a SQLite file that cannot be opened
 */
export async function openDatabase<Schema>(
  location: DatabaseLocation,
  options: DatabaseOptions = {},
): Promise<Database<Schema>> {
  const { dialect, dialectForLong } =
    'file' in location
      ? { dialect: (await import('./sqlite.ts')).sqlite(location.file, options), dialectForLong: undefined }
      : (await import('./postgres.ts')).postgres(location, options);
  const db = new Kysely<Schema>({ dialect });
  return {
    db,
    async runLong(work) {
      if (dialectForLong === undefined) return work(db);
      const long = new Kysely<Schema>({ dialect: dialectForLong() });
      await work(long).finally(() => long.destroy());
    },
    async check(signal) {
      await db.executeQuery(sql`select 1`.compile(db), { signal });
    },
    close: () => db.destroy(),
  };
}
