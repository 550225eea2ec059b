import type { Kysely } from 'kysely';
import { PostgresAdapter, sql } from 'kysely';

/** An index of the trigrams of handles and names: a search without hits read every user. */
export async function up(db: Kysely<never>): Promise<void> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter;
  await (isPostgres ? indexPostgres(db) : indexSqlite(db));
}

/** Where the server does not have the extension, or does not let us have it, searches go on without the index. */
async function indexPostgres(db: Kysely<never>): Promise<void> {
  await sql`do $$ begin
    create extension if not exists pg_trgm;
    create index users_search on users using gin (search_text gin_trgm_ops);
  exception when insufficient_privilege or undefined_file or feature_not_supported then
    raise notice 'users are searched without an index: %', sqlerrm;
  end $$`.execute(db);
}

/** FTS5 knows rows by a number, which users get here; one that is nobody's key may change when a file is compacted. */
async function indexSqlite(db: Kysely<never>): Promise<void> {
  await sql`create table numbered_users (
    id integer primary key, handle text not null unique, display_name text not null, avatar_url text not null,
    search_text text not null
  )`.execute(db);
  await sql`insert into numbered_users (handle, display_name, avatar_url, search_text)
    select handle, display_name, avatar_url, search_text from users order by handle`.execute(db);
  await sql`drop table users`.execute(db);
  await sql`alter table numbered_users rename to users`.execute(db);
  await sql`create virtual table users_search using fts5(
    search_text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
  )`.execute(db);
  await sql`insert into users_search (rowid, search_text) select id, search_text from users`.execute(db);
  const add = sql`insert into users_search (rowid, search_text) values (new.id, new.search_text);`;
  const remove = sql`delete from users_search where rowid = old.id;`;
  await sql`create trigger users_search_insert after insert on users begin ${add} end`.execute(db);
  await sql`create trigger users_search_delete after delete on users begin ${remove} end`.execute(db);
  await sql`create trigger users_search_update after update of id, search_text on users
    begin ${remove} ${add} end`.execute(db);
}
