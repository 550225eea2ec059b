import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { ConfigError } from '../config/config-error.ts';

/** What Kysely says of a migration that has been made and that nobody knows here; it calls the migrations corrupted. */
const UNKNOWN_MIGRATION = /previously executed migration (\S+) is missing/;

/**
 * Brings the schema up to date. Safe when replicas start together: one migrates, the others wait and find it done.
 * @param service prefix of the tables that record what ran, so that services can share one database
 * @throws Error of the migration that failed; it is rolled back
 * @throws ConfigError for a database that a newer version has migrated
 */
export async function migrateToLatest<Schema>(
  db: Kysely<Schema>,
  service: string,
  migrations: Record<string, Migration>,
): Promise<void> {
  // Loaded only here: a process without a database does not pay for it.
  const { Migrator } = await import('kysely/migration');
  const prefix = service.replaceAll('-', '_');
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableName: `${prefix}_migrations`,
    migrationLockTableName: `${prefix}_migration_lock`,
  });
  const { error } = await migrator.migrateToLatest();
  const [, unknown] = UNKNOWN_MIGRATION.exec(String(error)) ?? [];
  if (unknown !== undefined)
    throw new ConfigError(
      'DATABASE_URL',
      `The database has the migration ${unknown}, which this version of ${service} does not know: a newer one has made it. Start that version, or use another database (DATABASE_URL, DATA_DIR).`,
    );
  if (error !== undefined) throw error;
}
