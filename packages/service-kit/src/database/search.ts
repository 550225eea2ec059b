import type { Kysely } from 'kysely';
import { PostgresAdapter, sql } from 'kysely';

/** The form of a text in a search column: Unicode NFKC, in lower case. */
export function foldForSearch(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/**
 * A LIKE pattern for texts that contain `term`. Wildcards in `term` are escaped with `\`, so SQL needs `escape '\\'`.
 *
 * @example
 * sql`search_text like ${containsPattern('100 %')} escape '\\'`
 */
export function containsPattern(term: string): string {
  return `%${foldForSearch(term).replace(/[\\%_]/g, '\\$&')}%`;
}

/**
 * Creates an index of a column's trigrams, for searches in texts. PostgreSQL only. Without the extension pg_trgm, or the
 * right to create the extension, the function creates nothing, and searches read the whole table.
 */
export async function indexTrigrams(db: Kysely<never>, table: string, column: string): Promise<void> {
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) return;
  const index = sql.ref(`${table}_search`);
  await sql`do $$ begin
    create extension if not exists pg_trgm;
    create index ${index} on ${sql.ref(table)} using gin (${sql.ref(column)} gin_trgm_ops);
  exception when insufficient_privilege or undefined_file or feature_not_supported then
    raise notice '% is searched without an index: %', ${sql.lit(table)}, sqlerrm;
  end $$`.execute(db);
}
