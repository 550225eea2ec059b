import { indexTrigrams } from '@tandem/service-kit';
import type { Kysely } from 'kysely';

async function createUsers(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('users')
    .addColumn('handle', 'text', (column) => column.primaryKey())
    .addColumn('display_name', 'text', (column) => column.notNull())
    .addColumn('avatar_url', 'text', (column) => column.notNull())
    .addColumn('search_text', 'text', (column) => column.notNull())
    .execute();
  await indexTrigrams(db, 'users', 'search_text');
}

/** All migrations by name, in order. A released migration never changes. */
export const migrations = { '0001-users': { up: createUsers } };
