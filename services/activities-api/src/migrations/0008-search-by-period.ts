import type { Kysely } from 'kysely';
import { PostgresAdapter, sql } from 'kysely';

/**
 * On PostgreSQL, the trigrams together with the hour, the ten hours, the day and the ten days in which an activity was
 * made. By days alone, an uncommon word among a million had a day's 33,000 activities looked through, or, early in the
 * day, all of them. The periods are one list, so that one condition serves all of them.
 */
export async function up(db: Kysely<never>): Promise<void> {
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) return;
  await sql`drop index if exists activities_search_by_day`.execute(db);
  await sql`do $$ begin
    create extension if not exists pg_trgm;
    create index activities_search_by_period on activities using gin (
      (array[left(created_at, 13), left(created_at, 12), left(created_at, 10), left(created_at, 9)]),
      search_text gin_trgm_ops
    ) with (fastupdate = off);
  exception when insufficient_privilege or undefined_file or feature_not_supported then
    raise notice 'activities are searched without an index: %', sqlerrm;
  end $$`.execute(db);
}
