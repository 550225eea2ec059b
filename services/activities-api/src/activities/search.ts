import { containsPattern, ftsQuery, prepareQuery } from '@tandem/service-kit';
import { sql } from 'kysely';
import type { ActivitiesDatabase, ActivitiesSchema } from '../database.ts';
import type { Position } from './cursor.ts';
import type { PageRequest } from './prepare-page.ts';
import { preparePage } from './prepare-page.ts';
import type { Thread } from './threads.ts';

/** Activities that a search reads at most where no index has its term; SQLite takes some 5 ms, and stands meanwhile. */
const WINDOW = 10_000;

/** What a search has found. */
export interface SearchResult {
  readonly threads: Thread[];
  /** Where the search stopped although the page is not full: there may be more that is older. */
  readonly searchedTo?: Position | undefined;
}

/**
 * Prepares the search for activities whose message contains a term. Where an index of trigrams serves the term, it
 * finds all there is; otherwise, as for terms of one or two characters, it looks through the newest `window` activities
 * before the page's position and says how far it came.
 */
export function prepareSearch(
  { db, system, searchIndex }: ActivitiesDatabase,
  replies: number,
  window = WINDOW,
): (page: PageRequest, term: string) => Promise<SearchResult> {
  const indexed = system === 'sqlite' ? searchSqlite(db, replies) : searchPostgres(db, replies);
  const inWindow = preparePage<{ pattern: string } & Floor>(db, replies, {
    select: (value) =>
      db
        .selectFrom('activities')
        .where(sql<boolean>`(created_at, uuid) >= (${value('floorTime')}, ${value('floorUuid')})`)
        .where(sql<boolean>`search_text like ${value('pattern')} escape '\\'`),
  });
  const findFloor = prepareFloor(db, window);
  return async function search(page, term) {
    if (searchIndex.serves(term)) return { threads: await indexed(page, term) };
    const searchedTo = await findFloor(page.before);
    const floor = { floorTime: searchedTo?.createdAt ?? '', floorUuid: searchedTo?.uuid ?? '' };
    const threads = await inWindow(page, { pattern: containsPattern(term), ...floor });
    return { threads, searchedTo: threads.length < page.limit ? searchedTo : undefined };
  };
}

/** The oldest position that is read. */
interface Floor {
  floorTime: string;
  floorUuid: string;
}

/** Finds the last of the newest `window` activities before a position; undefined where there are fewer. */
function prepareFloor(db: ActivitiesDatabase['db'], window: number) {
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
        .offset(window - 1)
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

/** By pg_trgm's index, or by time where PostgreSQL expects so many that the first few fill the page. */
function searchPostgres(db: ActivitiesDatabase['db'], replies: number) {
  const find = preparePage<{ pattern: string }>(db, replies, {
    select: (value) =>
      db.selectFrom('activities').where(sql<boolean>`search_text like ${value('pattern')} escape '\\'`),
  });
  return (page: PageRequest, term: string) => find(page, { pattern: containsPattern(term) });
}

/** By FTS5's table, whose rows are milliseconds in which activities were made, newest first. */
function searchSqlite(db: ActivitiesDatabase['db'], replies: number) {
  const find = preparePage<{ match: string; pattern: string }>(db, replies, {
    select: (value, continued) =>
      db
        .selectFrom('activities_search')
        .crossJoin('activities') // in this order, says SQLite's `cross`
        .where(sql<boolean>`activities_search match ${value('match')}`)
        .where(
          'activities.created_at',
          '=',
          sql<string>`strftime('%Y-%m-%dT%H:%M:%fZ', activities_search.rowid / 1000.0, 'unixepoch')`,
        )
        .where(sql<boolean>`activities.search_text like ${value('pattern')} escape '\\'`)
        .$if(continued, (query) =>
          query.where(
            sql<boolean>`activities_search.rowid <=
              unixepoch(${value('beforeTime')}) * 1000 + substr(${value('beforeTime')}, 21, 3)`,
          ),
        ),
    order: ['activities_search.rowid'],
  });
  return (page: PageRequest, term: string) =>
    find(page, { match: ftsQuery(term), pattern: containsPattern(term) });
}
