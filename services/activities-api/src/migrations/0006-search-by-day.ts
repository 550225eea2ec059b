import type { Kysely } from 'kysely';
import { PostgresAdapter, sql } from 'kysely';

/**
 * On PostgreSQL, the trigrams together with the day, and the ten days, on which an activity was made: a search reads a
 * part of the index at a time. Without, common trigrams had the whole index read, and all hits sorted. New entries go
 * to their places at once: a list of pending ones would be read by each search.
 */
export async function up(db: Kysely<never>): Promise<void> {
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) return;
  await sql`drop index if exists activities_search`.execute(db);
  await sql`do $$ begin
    create extension if not exists pg_trgm;
    create extension if not exists btree_gin;
    create index activities_search_by_day on activities
      using gin (left(created_at, 10), left(created_at, 9), search_text gin_trgm_ops) with (fastupdate = off);
  exception when insufficient_privilege or undefined_file or feature_not_supported then
    raise notice 'activities are searched without an index: %', sqlerrm;
  end $$`.execute(db);
}
