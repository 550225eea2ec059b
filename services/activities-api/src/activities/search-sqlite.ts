import { setImmediate as nextTurn } from 'node:timers/promises';
import { containsPattern, ftsQuery, prepareQuery } from '@tandem/service-kit';
import { sql } from 'kysely';
import type { ActivitiesDatabase, ActivitiesSchema } from '../database.ts';
import type { Position } from './cursor.ts';
import { startOf } from './cursor.ts';
import type { PageRequest } from './prepare-page.ts';
import { preparePage } from './prepare-page.ts';
import type { SearchOptions, SearchResult } from './search-result.ts';
import type { Thread } from './threads.ts';

/** Activities of the shortest slice. Where each has all trigrams of a term, SQLite takes some 3 ms. */
const SLICE = 8192;

type OlderPage = PageRequest & { readonly before: Position };

/** A range of time that has been searched. */
interface Slice {
  /** The newest hits of it, at most as many as the page has room for. */
  readonly threads: Thread[];
  /** What is older than this has not been searched; undefined when nothing is. */
  readonly end: Position | undefined;
}

/** Milliseconds of the epoch, which are the numbers of the index's rows, of a time as stored. */
const milliseconds = (time: string) => sql<number>`unixepoch(${time}) * 1000 + substr(${time}, 21, 3)`;

/** Time after which a search stops at the end of a slice. */
const BUDGET_MS = 25;
/** Time that a slice should take at most: all else stands meanwhile. */
const SLICE_MS = 5;
/** A slice is at most so many times as long as the one before. */
const MAX_GROWTH = 16;

/**
 * Prepares the search of what is older than a position, by the index: one slice of time after the other, each as long
 * as what is left of the budget allows.
 */
export function prepareOlderSqlite(
  db: ActivitiesDatabase['db'],
  replies: number,
  { searchBudgetMs = BUDGET_MS, searchSliceMs = SLICE_MS, searchSliceRows = SLICE }: SearchOptions,
): (page: OlderPage, term: string) => Promise<SearchResult> {
  const findSlice = prepareSlice(db, replies, searchSliceRows);
  return async function searchOlder(page, term) {
    const threads: Thread[] = [];
    const until = performance.now() + searchBudgetMs;
    let { before } = page;
    for (let scale = 1; ; ) {
      const began = performance.now();
      const rest = { ...page, limit: page.limit - threads.length, before };
      const slice = await findSlice(rest, term, scale);
      threads.push(...slice.threads);
      if (threads.length === page.limit || slice.end === undefined) return { threads };
      const now = performance.now();
      if (now >= until) return { threads, searchedTo: slice.end };
      const growth = Math.min(MAX_GROWTH, Math.min(searchSliceMs, until - now) / (now - began));
      scale = Math.max(1, scale * growth);
      before = slice.end;
      await nextTurn(); // others have waited for SQLite
    }
  };
}

/** By FTS5's table, whose rows are milliseconds in which activities were made, newest first. */
function prepareSlice(db: ActivitiesDatabase['db'], replies: number, sliceRows: number) {
  const find = preparePage<{ match: string; pattern: string; from: string }>(db, replies, {
    select: (value) =>
      db
        .selectFrom('activities_search')
        .crossJoin('activities') // in this order, says SQLite's `cross`
        .where(sql<boolean>`activities_search match ${value('match')}`)
        .where('activities_search.rowid', '>=', milliseconds(value('from')))
        .where('activities_search.rowid', '<=', milliseconds(value('beforeTime')))
        .where(
          'activities.created_at',
          '=',
          sql<string>`strftime('%Y-%m-%dT%H:%M:%fZ', activities_search.rowid / 1000.0, 'unixepoch')`,
        )
        .where(sql<boolean>`activities.search_text like ${value('pattern')} escape '\\'`),
    order: ['activities_search.rowid'],
  });
  const findStart = prepareStart(db);
  return async function findSlice(page: OlderPage, term: string, scale: number): Promise<Slice> {
    const start = await findStart(page.before.createdAt, page.before.uuid, Math.round(sliceRows * scale));
    const from = start ?? '1970-01-01T00:00:00.000Z';
    const threads = await find(page, { match: ftsQuery(term), pattern: containsPattern(term), from });
    return { threads, end: start === undefined ? undefined : startOf(start) };
  };
}

/**
 * Finds a time before which some activities are older than a position; undefined where fewer are. SQLite numbers rows as
 * they come, which is about the order of their times, so that it need not count them.
 */
function prepareStart(db: ActivitiesDatabase['db']) {
  interface Values {
    time: string;
    uuid: string;
    count: number;
  }
  const find = prepareQuery<ActivitiesSchema, Values, { created_at: string }>(db, (value) =>
    db
      .selectFrom('activities')
      .select('created_at')
      .where(
        sql.ref<number>('activities.rowid'),
        '<=',
        sql<number>`(select newest.rowid from activities as newest
          where (newest.created_at, newest.uuid) < (${value('time')}, ${value('uuid')})
          order by newest.created_at desc, newest.uuid desc limit 1) - ${value('count')}`,
      )
      .where(sql<boolean>`+created_at < ${value('time')}`) // by number, not by the index of times
      .orderBy(sql.ref('activities.rowid'), 'desc')
      .limit(1),
  );
  return async (time: string, uuid: string, count: number): Promise<string | undefined> =>
    (await find({ time, uuid, count }))[0]?.created_at;
}
