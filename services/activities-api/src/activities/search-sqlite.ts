import { setImmediate as nextTurn } from 'node:timers/promises';
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
const BUDGET_MS = 25;
/** Rows of the index that the first step looks at: a rare term has fewer. */
const FIRST_CANDIDATES = 8;
/** Rows that any further step looks at, at most: some 5 ms, during which nothing else runs. */
const MAX_CANDIDATES = 1024;
/** How many times as long a step is as the one before it, where that found nothing. */
const GROWTH = 4;
/** Candidates per candidate that the page should need, judged by the step before. */
const MARGIN = 1.25;

type OlderPage = PageRequest & { readonly before: Position };

/**
 * Prepares the search of what is older than a position, by the index: it gives the newest rows with all trigrams of the
 * term, some at a time, and their activities are compared with it. FTS5 reads up to the next such row in one go: bounds
 * of time beside the term would not stop it earlier, and each step begins anew.
 */
export function prepareOlderSqlite(
  db: ActivitiesDatabase['db'],
  replies: number,
  { searchBudgetMs = BUDGET_MS, searchCandidates = FIRST_CANDIDATES }: SearchOptions,
): (page: OlderPage, term: string) => Promise<SearchResult> {
  const findCandidates = prepareCandidates(db);
  const findHits = preparePage<{ times: string; pattern: string }>(db, replies, {
    select: (value) =>
      db
        .selectFrom('activities')
        .where(sql<boolean>`created_at in (select value from json_each(${value('times')}))`)
        .where(sql<boolean>`search_text like ${value('pattern')} escape '\\'`),
  });
  return async function searchOlder(page, term) {
    const match = ftsQuery(term);
    const pattern = containsPattern(term);
    const until = performance.now() + searchBudgetMs;
    const threads: Thread[] = [];
    let { before } = page;
    for (let count = searchCandidates; ; ) {
      const times = await findCandidates(match, before, count);
      const oldest = times.at(-1);
      if (oldest === undefined) return { threads };
      const rest = { ...page, limit: page.limit - threads.length, before };
      const hits = await findHits(rest, { times: JSON.stringify(times), pattern });
      threads.push(...hits);
      if (threads.length === page.limit || times.length < count) return { threads };
      before = startOf(oldest);
      if (performance.now() >= until) return { threads, searchedTo: before };
      const perHit = hits.length === 0 ? undefined : count / hits.length;
      const needed = perHit === undefined ? GROWTH * count : MARGIN * perHit * rest.limit;
      count = Math.min(MAX_CANDIDATES, Math.ceil(needed));
      await nextTurn(); // others have waited for SQLite
    }
  };
}

/** Finds the newest times before a position at which something was made that has all trigrams, by FTS5's table. */
function prepareCandidates(db: ActivitiesDatabase['db']) {
  interface Values {
    match: string;
    newest: number;
    count: number;
  }
  const find = prepareQuery<ActivitiesSchema, Values, { rowid: number }>(db, (value) =>
    db
      .selectFrom('activities_search')
      .select('rowid')
      .where(sql<boolean>`activities_search match ${value('match')}`)
      .where('rowid', '<=', value('newest'))
      .orderBy('rowid', 'desc')
      .limit(value('count')),
  );
  return async (match: string, before: Position, count: number): Promise<string[]> => {
    // The numbers of the rows are milliseconds.
    const newest = Date.parse(before.createdAt) - (isStart(before) ? 1 : 0);
    return (await find({ match, newest, count })).map(({ rowid }) => new Date(rowid).toISOString());
  };
}
