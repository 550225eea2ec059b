import type { Kysely } from 'kysely';
import { sql } from 'kysely';

/**
 * Gives recipients the time of their activity, so that an index holds somebody's notifications in the order in which
 * they are shown: all that somebody ever had were sorted for each page.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('recipients_by_time')
    .addColumn('handle', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('activity_uuid', 'text', (column) => column.notNull().references('activities.uuid'))
    .addPrimaryKeyConstraint('recipients_by_time_pkey', ['handle', 'created_at', 'activity_uuid'])
    .execute();
  await sql`insert into recipients_by_time (handle, created_at, activity_uuid)
    select r.handle, a.created_at, r.activity_uuid
    from activity_recipients r join activities a on a.uuid = r.activity_uuid`.execute(db);
  await db.schema.dropTable('activity_recipients').execute();
  await db.schema.alterTable('recipients_by_time').renameTo('activity_recipients').execute();
  await db.schema
    .createIndex('activity_recipients_by_activity')
    .on('activity_recipients')
    .column('activity_uuid')
    .execute();
}
