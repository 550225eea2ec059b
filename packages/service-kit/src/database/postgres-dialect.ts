import type { Kysely, MigrationLockOptions } from 'kysely';
import { PostgresAdapter, PostgresDialect, sql } from 'kysely';

/** Kysely's dialect for PostgreSQL, where migrations may take longer than the statements of a request. */
export class PatientPostgresDialect extends PostgresDialect {
  override createAdapter(): PostgresAdapter {
    return new PatientAdapter();
  }
}

/** A migration of a large table, and waiting for another replica's, takes longer than a request may. */
class PatientAdapter extends PostgresAdapter {
  override async acquireMigrationLock(db: Kysely<unknown>, options: MigrationLockOptions): Promise<void> {
    await sql`set statement_timeout = 0`.execute(db);
    await super.acquireMigrationLock(db, options);
  }

  override async releaseMigrationLock(db: Kysely<unknown>, options: MigrationLockOptions): Promise<void> {
    await super.releaseMigrationLock(db, options);
    await sql`reset statement_timeout`.execute(db);
  }
}
