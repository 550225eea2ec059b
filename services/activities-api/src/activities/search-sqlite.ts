import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Placeholder } from '@tandem/service-kit';
import { containsPattern, ftsQuery, prepareQuery } from '@tandem/service-kit';
import { sql } from 'kysely';
import type { ActivitiesDatabase, ActivitiesSchema } from '../database.ts';
import type { Position } from './cursor.ts';
import { isStart, startOf } from './cursor.ts';
import type { PageRequest } from './prepare-page.ts';
import { preparePage } from './prepare-page.ts';
import type { SearchOptions, SearchResult } from './search-result.ts';
import type { Thread } from './threads.ts';

/** Time after which a search stops between two steps. */
export const BUDGET_MS = 25;
/** Rows of the index that are looked at first for a term that the newest do not have: a rare one has fewer, and is through. */
const FIRST_CANDIDATES = 8;
/** And in each step after it: at most some 5 ms, during which all else stands. */
const MAX_CANDIDATES = 512;

type OlderPage = PageRequest & { readonly before: Position };

interface Candidates {
  match: string;
  newest: number;
  count: number;
}

/**
 * Prepares the search of what is older than a position, by the index: it gives the newest rows with all trigrams of the
 * term, and their activities are compared with it. FTS5 reads up to the next such row in one go: bounds of time beside
 * the term would not stop it earlier, and each statement begins anew. So a step is one statement, in which SQLite asks
 * for a candidate when the one before was no hit or left room on the page.
 */
export function prepareOlderSqlite(
  db: ActivitiesDatabase['db'],
  replies: number,
  {
    searchBudgetMs = BUDGET_MS,
    searchCandidates = FIRST_CANDIDATES,
    searchStep = MAX_CANDIDATES,
  }: SearchOptions,
): (page: OlderPage, term: string, isAmongNewest: boolean) => Promise<SearchResult> {
  const findTimes = prepareTimes(db);
  const findAt = prepareAt(db, replies);
  const findHits = prepareHits(db, replies);
  const findLast = prepareLast(db);
  return async function searchOlder(page, term, isAmongNewest) {
    const match = ftsQuery(term);
    const pattern = containsPattern(term);
    const until = performance.now() + searchBudgetMs;
    if (!isAmongNewest) {
      const times = await findTimes({ match, newest: newestBefore(page.before), count: searchCandidates });
      if (times.length === 0) return { threads: [] };
      if (times.length < searchCandidates)
        return { threads: await findAt(page, { times: JSON.stringify(times), pattern }) };
    }
    const threads: Thread[] = [];
    for (let { before } = page; ; ) {
      const rest = { ...page, limit: page.limit - threads.length, before };
      const step = { match, newest: newestBefore(before), count: searchStep };
      threads.push(...(await findHits(rest, { ...step, pattern })));
      if (threads.length === page.limit) return { threads };
      const last = await findLast(step);
      if (last === undefined) return { threads };
      before = startOf(last);
      if (performance.now() >= until) return { threads, searchedTo: before };
      await nextTurn(); // others have waited for SQLite
    }
  };
}

/** Finds the newest times at which something was made that has all trigrams. */
function prepareTimes(db: ActivitiesDatabase['db']) {
  const find = prepareQuery<ActivitiesSchema, Candidates, { rowid: number }>(db, (value) =>
    candidates(db, value),
  );
  return async (values: Candidates): Promise<string[]> =>
    (await find(values)).map(({ rowid }) => timeOf(rowid));
}

/** Finds the activities of these times that have the term. */
function prepareAt(db: ActivitiesDatabase['db'], replies: number) {
  return preparePage<{ times: string; pattern: string }>(db, replies, {
    select: (value) =>
      db
        .selectFrom('activities')
        .where(sql<boolean>`created_at in (select value from json_each(${value('times')}))`)
        .where(sql<boolean>`search_text like ${value('pattern')} escape '\\'`),
  });
}

/** Finds the last of so many times; undefined where there are fewer. */
function prepareLast(db: ActivitiesDatabase['db']) {
  const find = prepareQuery<ActivitiesSchema, Candidates, { rowid: number }>(db, (value) =>
    candidates(db, value)
      .limit(1)
      .offset(sql<number>`${value('count')} - 1`),
  );
  return async (values: Candidates): Promise<string | undefined> => {
    const [last] = await find(values);
    return last === undefined ? undefined : timeOf(last.rowid);
  };
}

/**
 * Finds the activities of so many candidates that have the term. No order is asked for: SQLite takes the candidates as
 * they come, newest first, and those of one millisecond by the index of times. To sort, it would compare all of them.
 */
function prepareHits(db: ActivitiesDatabase['db'], replies: number) {
  return preparePage<Candidates & { pattern: string }>(db, replies, {
    select: (value) =>
      db
        .selectFrom(candidates(db, value).as('candidates'))
        .crossJoin('activities') // in this order, says SQLite's `cross`
        .where(
          'activities.created_at',
          '=',
          sql<string>`strftime('%Y-%m-%dT%H:%M:%fZ', candidates.rowid / 1000.0, 'unixepoch')`,
        )
        .where(sql<boolean>`search_text like ${value('pattern')} escape '\\'`),
    order: [],
  });
}

/** The newest rows of FTS5's table that have all trigrams; their numbers are milliseconds. */
function candidates(db: ActivitiesDatabase['db'], value: Placeholder<Candidates>) {
  return db
    .selectFrom('activities_search')
    .select('rowid')
    .where(sql<boolean>`activities_search match ${value('match')}`)
    .where('rowid', '<=', value('newest'))
    .orderBy('rowid', 'desc')
    .limit(value('count'));
}

/** The newest millisecond that has something before a position. */
function newestBefore(before: Position): number {
  return Date.parse(before.createdAt) - (isStart(before) ? 1 : 0);
}

function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
