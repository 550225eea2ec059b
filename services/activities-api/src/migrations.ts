import { indexTrigrams } from '@tandem/service-kit';
import type { Kysely } from 'kysely';
import { sql } from 'kysely';

async function createActivities(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('activities')
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('handle', 'text', (column) => column.notNull())
    .addColumn('message', 'text', (column) => column.notNull())
    .addColumn('search_text', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .addColumn('likes_count', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('replies_count', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('reposts_count', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('reply_to_activity_uuid', 'text', (column) =>
      column.references('activities.uuid').onDelete('cascade'),
    )
    .addColumn('reply_number', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();

  await sql`create index activities_home on activities (created_at desc, uuid desc)
    where reply_to_activity_uuid is null`.execute(db);
  await sql`create index activities_newest on activities (created_at desc, uuid desc)`.execute(db);
  await sql`create index activities_by_handle on activities (handle, created_at desc, uuid desc)`.execute(db);
  // Partial, because SQLite would use a whole index for `is null`, and then sort all activities for the home page.
  await sql`create index activities_replies on activities (reply_to_activity_uuid, reply_number)
    where reply_to_activity_uuid is not null`.execute(db);
  await sql`create index activities_expiry on activities (expires_at)`.execute(db);
  await indexTrigrams(db, 'activities', 'search_text');

  await db.schema
    .createTable('activity_recipients')
    .addColumn('handle', 'text', (column) => column.notNull())
    .addColumn('activity_uuid', 'text', (column) =>
      column.notNull().references('activities.uuid').onDelete('cascade'),
    )
    .addPrimaryKeyConstraint('activity_recipients_pkey', ['handle', 'activity_uuid'])
    .execute();
  await sql`create index activity_recipients_by_activity on activity_recipients (activity_uuid)`.execute(db);
}

/** All migrations by name, in order. A released migration never changes. */
export const migrations = { '0001-activities': { up: createActivities } };
