import { setImmediate as nextTurn } from 'node:timers/promises';
import { containsPattern, prepareQuery } from '@tandem/service-kit';
import { sql } from 'kysely';
import type { ActivitiesDatabase, ActivitiesSchema } from '../database.ts';
import type { Position } from './cursor.ts';
import type { PageRequest } from './prepare-page.ts';
import { preparePage } from './prepare-page.ts';
import { searchPostgres } from './search-postgres.ts';
import type { FindSlice } from './search-slice.ts';
import { searchSqlite } from './search-sqlite.ts';
import type { Thread } from './threads.ts';

/** Activities that a search reads at most where no index has its term; SQLite takes some 0.5 ms, and stands meanwhile. */
const WINDOW = 2000;
/** Activities that are read before an index is asked: a term that one in 25 has fills a page from them. */
const FIRST_WINDOW = 500;
/** Time after which a search by the index stops at the end of a slice. */
const BUDGET_MS = { sqlite: 25, postgresql: 50 };
/** Time that a slice should take at most: SQLite's stops all else meanwhile. */
const SLICE_MS = { sqlite: 5, postgresql: BUDGET_MS.postgresql };
/** A slice is at most so many times as long as the one before. */
const MAX_GROWTH = 16;

/** What a search has found. */
export interface SearchResult {
  readonly threads: Thread[];
  /** Where the search stopped although the page is not full: there may be more that is older. */
  readonly searchedTo?: Position | undefined;
}

/** Bounds of a search, for tests. */
export interface SearchOptions {
  /** Activities that a search reads at most where no index has its term. */
  readonly searchWindow?: number;
  /** Activities that a search reads before it asks the index. */
  readonly firstWindow?: number;
  /** Milliseconds after which a search by the index stops at the end of a slice. */
  readonly searchBudgetMs?: number;
  /** Milliseconds that a slice should take at most. */
  readonly searchSliceMs?: number;
  /** Activities of the shortest slice, on SQLite. */
  readonly searchSliceRows?: number;
}

/**
 * Prepares the search for activities whose message contains a term. It looks through the newest activities before the
 * page's position: a term that many have is found there. A rarer one is then looked up in the index of trigrams, one
 * slice of time after the other, each as long as what is left of the budget allows. Where the budget is used up, or no
 * index serves the term, as for one or two characters, the search says how far it came.
 */
export function prepareSearch(
  database: ActivitiesDatabase,
  replies: number,
  options: SearchOptions = {},
): (page: PageRequest, term: string) => Promise<SearchResult> {
  const { db, system, searchIndex } = database;
  const lookThrough = prepareWindow(database, replies, options.searchWindow ?? WINDOW);
  const lookFirst = prepareWindow(database, replies, options.firstWindow ?? FIRST_WINDOW);
  const findSlice =
    system === 'sqlite' ? searchSqlite(db, replies, options.searchSliceRows) : searchPostgres(db, replies);
  const limits = {
    budgetMs: options.searchBudgetMs ?? BUDGET_MS[system],
    sliceMs: options.searchSliceMs ?? SLICE_MS[system],
  };
  return async function search(page, term) {
    if (!searchIndex.serves(term)) return lookThrough(page, term);
    const { threads, searchedTo } = await lookFirst(page, term);
    if (searchedTo === undefined) return { threads };
    const rest = { ...page, limit: page.limit - threads.length };
    const older = await searchSlices(findSlice, rest, term, searchedTo, limits);
    return { ...older, threads: [...threads, ...older.threads] };
  };
}

async function searchSlices(
  findSlice: FindSlice,
  page: PageRequest,
  term: string,
  { oldest, ...floor }: Floor,
  { budgetMs, sliceMs }: { readonly budgetMs: number; readonly sliceMs: number },
): Promise<SearchResult> {
  const threads: Thread[] = [];
  const until = performance.now() + budgetMs;
  let before: Position = floor;
  for (let scale = 1; ; ) {
    const began = performance.now();
    const rest = { ...page, limit: page.limit - threads.length, before };
    const slice = await findSlice(rest, term, scale, oldest);
    threads.push(...slice.threads);
    if (threads.length === page.limit || slice.end === undefined) return { threads };
    const now = performance.now();
    if (now >= until) return { threads, searchedTo: slice.end };
    const growth = Math.min(MAX_GROWTH, Math.min(sliceMs, until - now) / (now - began));
    scale = Math.max(1, slice.scale * growth);
    before = slice.end;
    await nextTurn(); // others have waited for SQLite
  }
}

/** The oldest position that a window reads. */
interface Floor extends Position {
  /** When the oldest activity of all was made. */
  readonly oldest: string;
}

interface Found extends SearchResult {
  readonly searchedTo?: Floor | undefined;
}

/** Prepares a search that reads the newest `size` activities before the page's position, at most. */
function prepareWindow({ db, system }: ActivitiesDatabase, replies: number, size: number) {
  const findFloor = prepareFloor(db, size);
  // PostgreSQL might choose another way than by time if it saw a condition beside the term; SQLite would sort again.
  const findByCount = preparePage<{ pattern: string }>(db, replies, {
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
  const findByFloor = preparePage<{ pattern: string; floorTime: string; floorUuid: string }>(db, replies, {
    select: (value) =>
      db
        .selectFrom('activities')
        .where(sql<boolean>`(created_at, uuid) >= (${value('floorTime')}, ${value('floorUuid')})`)
        .where(sql<boolean>`search_text like ${value('pattern')} escape '\\'`),
  });
  return async function lookThrough(page: PageRequest, term: string): Promise<Found> {
    const pattern = containsPattern(term);
    if (system === 'postgresql') {
      const threads = await findByCount(page, { pattern });
      if (threads.length === page.limit) return { threads };
      return { threads, searchedTo: await findFloor(page.before) };
    }
    const searchedTo = await findFloor(page.before);
    const floor = { floorTime: searchedTo?.createdAt ?? '', floorUuid: searchedTo?.uuid ?? '' };
    const threads = await findByFloor(page, { pattern, ...floor });
    return { threads, searchedTo: threads.length < page.limit ? searchedTo : undefined };
  };
}

/** Finds the last of the newest `size` activities before a position; undefined where there are fewer. */
function prepareFloor(db: ActivitiesDatabase['db'], size: number) {
  const prepare = (continued: boolean) =>
    prepareQuery<ActivitiesSchema, { beforeTime: string; beforeUuid: string }, Floor>(db, (value) =>
      db
        .selectFrom('activities')
        .select(['created_at as createdAt', 'uuid'])
        .select(sql<string>`(select min(created_at) from activities)`.as('oldest'))
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
  return async function findFloor(before: Position | undefined): Promise<Floor | undefined> {
    const values = { beforeTime: before?.createdAt ?? '', beforeUuid: before?.uuid ?? '' };
    const [floor] = await (before === undefined ? first : next)(values);
    return floor;
  };
}
