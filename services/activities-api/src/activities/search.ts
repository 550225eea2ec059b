import { containsPattern, prepareQuery } from '@tandem/service-kit';
import { sql } from 'kysely';
import type { ActivitiesDatabase, ActivitiesSchema } from '../database.ts';
import type { Position } from './cursor.ts';
import type { PageRequest } from './prepare-page.ts';
import { preparePage } from './prepare-page.ts';
import { prepareOlderPostgres } from './search-postgres.ts';
import type { SearchOptions, SearchResult } from './search-result.ts';
import { prepareOlderSqlite } from './search-sqlite.ts';

/** Activities that a search reads at most where no index has its term; SQLite takes some 0.5 ms, and stands meanwhile. */
const WINDOW = 2000;
/** Activities that are read before an index is asked: a term that one in 25 has fills a page from them. */
const FIRST_WINDOW = 500;

/**
 * Prepares the search for activities whose message contains a term. It looks through the newest activities before the
 * page's position: a term that many have is found there. A rarer one is then looked up in the index of trigrams, part
 * by part, as far as the budget allows. Where the budget is used up, or no index serves the term, as for one or two
 * characters, the search says how far it came.
 */
export function prepareSearch(
  database: ActivitiesDatabase,
  replies: number,
  options: SearchOptions = {},
): (page: PageRequest, term: string) => Promise<SearchResult> {
  const { db, system, searchIndex } = database;
  const { searchWindow = WINDOW, firstWindow = FIRST_WINDOW } = options;
  const lookThrough = prepareWindow(database, replies, searchWindow);
  const searchIndexed =
    system === 'sqlite'
      ? prepareIndexedSqlite(database, replies, firstWindow, options)
      : prepareIndexedPostgres(db, replies, firstWindow, options);
  return (page, term) => (searchIndex.serves(term) ? searchIndexed(page, term) : lookThrough(page, term));
}

type Search = (page: PageRequest, term: string) => Promise<SearchResult>;

function prepareIndexedSqlite(
  database: ActivitiesDatabase,
  replies: number,
  firstWindow: number,
  options: SearchOptions,
): Search {
  const lookFirst = prepareWindow(database, replies, firstWindow);
  const searchOlder = prepareOlderSqlite(database.db, replies, options);
  return async function search(page, term) {
    const { threads, searchedTo } = await lookFirst(page, term);
    if (searchedTo === undefined) return { threads };
    const rest = { ...page, limit: page.limit - threads.length, before: searchedTo };
    const older = await searchOlder(rest, term, threads.length > 0);
    return { ...older, threads: [...threads, ...older.threads] };
  };
}

/** The second statement finds by itself where the first one stopped. */
function prepareIndexedPostgres(
  db: ActivitiesDatabase['db'],
  replies: number,
  firstWindow: number,
  options: SearchOptions,
): Search {
  const lookFirst = prepareNewest(db, replies, firstWindow);
  const searchOlder = prepareOlderPostgres(db, replies, firstWindow, options);
  return async function search(page, term) {
    const threads = await lookFirst(page, { pattern: containsPattern(term) });
    if (threads.length === page.limit) return { threads };
    const rest = { ...page, limit: page.limit - threads.length };
    const older = await searchOlder(rest, term, threads.length);
    return { ...older, threads: [...threads, ...older.threads] };
  };
}

/** Prepares a search that reads the newest `size` activities before the page's position, at most. */
function prepareWindow({ db, system }: ActivitiesDatabase, replies: number, size: number): Search {
  const findFloor = prepareFloor(db, size);
  const findNewest = prepareNewest(db, replies, size);
  const findByFloor = preparePage<{ pattern: string; floorTime: string; floorUuid: string }>(db, replies, {
    select: (value) =>
      db
        .selectFrom('activities')
        .where(sql<boolean>`(created_at, uuid) >= (${value('floorTime')}, ${value('floorUuid')})`)
        .where(sql<boolean>`search_text like ${value('pattern')} escape '\\'`),
  });
  return async function lookThrough(page, term) {
    const pattern = containsPattern(term);
    if (system === 'postgresql') {
      const threads = await findNewest(page, { pattern });
      if (threads.length === page.limit) return { threads };
      return { threads, searchedTo: await findFloor(page.before) };
    }
    const searchedTo = await findFloor(page.before);
    const floor = { floorTime: searchedTo?.createdAt ?? '', floorUuid: searchedTo?.uuid ?? '' };
    const threads = await findByFloor(page, { pattern, ...floor });
    return { threads, searchedTo: threads.length < page.limit ? searchedTo : undefined };
  };
}

/** The same with nothing else: how far it came is not known. For PostgreSQL; SQLite would sort again. */
function prepareNewest(db: ActivitiesDatabase['db'], replies: number, size: number) {
  // PostgreSQL might choose another way than by time if it saw a condition beside the term.
  return preparePage<{ pattern: string }>(db, replies, {
    select: (value, continued) =>
      db
        .selectFrom(
          db
            .selectFrom('activities')
            .selectAll()
            .$if(continued, (query) =>
              query.where(
                sql<boolean>`(created_at, uuid) < (${value('beforeTime')}, ${value('beforeUuid')})`,
              ),
            )
            .orderBy('created_at', 'desc')
            .orderBy('uuid', 'desc')
            .limit(sql.lit(size))
            .as('activities'),
        )
        .where(sql<boolean>`search_text like ${value('pattern')} escape '\\'`),
  });
}

/** Finds the last of the newest `size` activities before a position; undefined where there are fewer. */
function prepareFloor(db: ActivitiesDatabase['db'], size: number) {
  const prepare = (continued: boolean) =>
    prepareQuery<ActivitiesSchema, { beforeTime: string; beforeUuid: string }, Position>(db, (value) =>
      db
        .selectFrom('activities')
        .select(['created_at as createdAt', 'uuid'])
        .$if(continued, (query) =>
          query.where(sql<boolean>`(created_at, uuid) < (${value('beforeTime')}, ${value('beforeUuid')})`),
        )
        .orderBy('created_at', 'desc')
        .orderBy('uuid', 'desc')
        .offset(size - 1)
        .limit(1),
    );
  const first = prepare(false);
  const next = prepare(true);
  return async function findFloor(before: Position | undefined): Promise<Position | undefined> {
    const values = { beforeTime: before?.createdAt ?? '', beforeUuid: before?.uuid ?? '' };
    const [floor] = await (before === undefined ? first : next)(values);
    return floor;
  };
}
