import type { Kysely } from 'kysely';
import { PostgresAdapter, sql } from 'kysely';

/**
 * On PostgreSQL, an index of the messages' trigrams: a search without hits read every message. Where the server does
 * not have the extension, or does not let us have it, searches go on without the index.
 */
export async function up(db: Kysely<never>): Promise<void> {
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) return;
  await sql`do $$ begin
    create extension if not exists pg_trgm;
    create index activities_search on activities using gin (search_text gin_trgm_ops);
  exception when insufficient_privilege or undefined_file or feature_not_supported then
    raise notice 'activities are searched without an index: %', sqlerrm;
  end $$`.execute(db);
}
