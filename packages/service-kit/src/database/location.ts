import { join } from 'node:path';
import { dataDirectory } from '../config/settings.ts';

/** A database of a PostgreSQL server. */
export interface PostgresLocation {
  readonly url: string;
  /** Connections at most; 10 when left out. */
  readonly poolSize?: number;
}

/** Which database a service uses: PostgreSQL's, or a SQLite file (`:memory:` for a test's own). */
export type DatabaseLocation = PostgresLocation | { readonly file: string };

/**
 * The database that the settings name: DATABASE_URL, or without it a SQLite file of the service's own below DATA_DIR.
 *
 * @example
 * databaseLocation({ DATA_DIR: '/var/lib/tandem', DATABASE_POOL_SIZE: 10 }, 'user-lookup'); // { file: '/var/lib/tandem/user-lookup.sqlite' }
 */
export function databaseLocation(
  settings: {
    readonly DATABASE_URL?: string;
    readonly DATABASE_POOL_SIZE: number;
    readonly DATA_DIR: string;
  },
  service: string,
): DatabaseLocation {
  return settings.DATABASE_URL === undefined
    ? { file: join(dataDirectory(settings.DATA_DIR), `${service}.sqlite`) }
    : { url: settings.DATABASE_URL, poolSize: settings.DATABASE_POOL_SIZE };
}
