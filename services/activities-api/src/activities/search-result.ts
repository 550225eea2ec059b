import type { Position } from './cursor.ts';
import type { Thread } from './threads.ts';

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
  /** Milliseconds after which a search by the index stops at the end of a step. */
  readonly searchBudgetMs?: number;
  /** Whether a search may look through all that is left in one slice, on PostgreSQL. */
  readonly searchAllAtOnce?: boolean;
  /** Rows of the index that a search looks at first, on SQLite: a term with fewer is through. */
  readonly searchCandidates?: number;
  /** And in each step after it. */
  readonly searchStep?: number;
}
