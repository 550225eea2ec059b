import type { Kysely } from 'kysely';
import { PostgresAdapter, sql } from 'kysely';

/**
 * On SQLite, an index of the messages' trigrams, kept by triggers. It has one row per millisecond in which activities
 * were made, whose number is that time: FTS5 gives rows in the order of their numbers, so that a search finds the newest
 * activities first and need not sort all it finds. It keeps no texts: some 180 bytes for a message of 75 characters.
 */
export async function up(db: Kysely<never>): Promise<void> {
  if (db.getExecutor().adapter instanceof PostgresAdapter) return;
  await sql`create virtual table activities_search using fts5(
    search_text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
  )`.execute(db);
  await sql`insert into activities_search (rowid, search_text)
    select ${rowid('activities')}, group_concat(search_text, char(10))
    from activities group by created_at order by created_at`.execute(db);
  await sql`create trigger activities_search_insert after insert on activities
    begin ${index('new')} end`.execute(db);
  await sql`create trigger activities_search_delete after delete on activities
    begin ${index('old')} end`.execute(db);
  await sql`create trigger activities_search_update after update of created_at, search_text on activities
    begin ${index('old')} ${index('new')} end`.execute(db);
}

/** Number of the index's row for the time of a row of activities. */
function rowid(row: 'activities' | 'new' | 'old') {
  return sql.raw(`unixepoch(${row}.created_at) * 1000 + substr(${row}.created_at, 21, 3)`);
}

/** Statements that index anew what was made in the same millisecond as a row. */
function index(row: 'new' | 'old') {
  return sql`
    delete from activities_search where rowid = ${rowid(row)};
    insert into activities_search (rowid, search_text)
      select ${rowid(row)}, group_concat(search_text, char(10))
      from activities where created_at = ${sql.raw(row)}.created_at having count(*) > 0;`;
}
