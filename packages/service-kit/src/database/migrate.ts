import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Brings the schema up to date. Safe when replicas start together: one migrates, the others wait and find it done.
 * @param service prefix of the tables that record what ran, so that services can share one database
 * @throws Error of the migration that failed; it is rolled back
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
  if (error !== undefined) throw error;
}
