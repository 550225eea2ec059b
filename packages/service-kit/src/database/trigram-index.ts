import type { Kysely } from 'kysely';
import { PostgresAdapter, sql } from 'kysely';
import { foldForSearch } from './like.ts';

/** Says which searches an index of trigrams, the parts of a text that are three characters long, can serve. */
export interface TrigramIndex {
  /** Whether the index finds texts that contain `term`; otherwise a search has to read them. */
  serves(term: string): boolean;
}

/** For SQLite a trigram is any three characters; a text ends for it at a NUL. */
const ANY_THREE = /^[^\0]{3,}$/su;
/** PostgreSQL's pg_trgm looks at letters and digits only, and in a database with the locale C at those of ASCII. */
const THREE_LETTERS = /[\p{L}\p{N}]{3}/u;
const THREE_ASCII_LETTERS = /[a-z0-9]{3}/;

/**
 * What the index of that name can find: on SQLite a table of FTS5, on PostgreSQL an index of pg_trgm, which is missing
 * where its server does not have the extension.
 */
export async function findTrigramIndex<Schema>(db: Kysely<Schema>, name: string): Promise<TrigramIndex> {
  const pattern = db.getExecutor().adapter instanceof PostgresAdapter ? await patternOf(db, name) : ANY_THREE;
  return { serves: (term) => pattern?.test(foldForSearch(term)) === true };
}

async function patternOf<Schema>(db: Kysely<Schema>, name: string): Promise<RegExp | undefined> {
  const { rows } = await sql<{ exists: boolean; knows_letters: boolean }>`
    select to_regclass(${name}) is not null as exists, 'ä' ~ '[[:alpha:]]' as knows_letters`.execute(db);
  if (rows[0]?.exists !== true) return undefined;
  return rows[0].knows_letters ? THREE_LETTERS : THREE_ASCII_LETTERS;
}
