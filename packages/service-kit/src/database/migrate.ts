import type { Migration } from 'kysely/migration';
import { Migrator } from 'kysely/migration';
import { ConfigError } from '../settings/environment.ts';
import type { Database } from './database.ts';

/**
 * Brings the schema up to date. Replicas may start together: one replica migrates, the others wait.
 * @param service prefix of the tables that record the migrations, so that services can share one database
 * @throws ConfigError naming DATABASE_URL, without an answer of the database, or after a failed (rolled back) migration
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
    const reason = `The migration of the database fails: ${message || code}; see DATABASE_URL.`;
    throw new ConfigError('DATABASE_URL', reason, { cause: error });
  });
}
