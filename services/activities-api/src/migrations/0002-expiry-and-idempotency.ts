import type { Kysely } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('idempotency_keys')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('answer', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .execute();
  // What has expired is found by its time, and deleting an activity asks who refers to it.
  await db.schema
    .createIndex('idempotency_keys_expiry')
    .on('idempotency_keys')
    .column('expires_at')
    .execute();
  await db.schema.createIndex('activities_expiry').on('activities').column('expires_at').execute();
  await db.schema
    .createIndex('activity_recipients_by_activity')
    .on('activity_recipients')
    .column('activity_uuid')
    .execute();
}
