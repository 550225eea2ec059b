import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { QueryError } from '../parse/query-error.ts';
import type { QuerySpec } from '../parse/query-spec.ts';
import type { SavedFields } from '../parse/saved-fields.ts';
import { queryId, shortHash } from './query-id.ts';
import type { QuerySource, RunOptions } from './run-query.ts';
import { checkQuery, fieldsOf, runQuery, toQueryError } from './run-query.ts';

export interface QueryRunsOptions {
  readonly maxQueries?: number;
  readonly maxResults?: number;
  /** Bytes of all results kept. */
  readonly maxResultBytes?: number;
  readonly maxRunning?: number;
  readonly timeoutMs?: number;
  /** Told of failures that are not the client's. */
  readonly onFailure?: (error: unknown) => void;
}

export interface StoredQuery {
  readonly id: string;
  readonly dataset: string;
  readonly spec: QuerySpec;
}

/** A run of a stored query that was answered. */
export interface QueryRun {
  readonly id: string;
  readonly query: StoredQuery;
  /** The result's `data` as JSON. */
  readonly data: string;
}

const MEBIBYTE = 1024 ** 2;
/** Bytes of all specifications kept: 1,000 of the size people write take less than one. */
const MAX_QUERY_BYTES = 8 * MEBIBYTE;

/**
 * Queries and their runs, as Honeycomb's Query Data API has them: a query is created and run, and its result can be read
 * again. Everything is bounded; the oldest goes first. Nothing survives a restart.
 */
export class QueryRuns {
  readonly #source: QuerySource;
  readonly #options: Required<Pick<QueryRunsOptions, 'maxRunning' | 'timeoutMs' | 'onFailure'>>;
  readonly #queries: LRUCache<string, StoredQuery>;
  readonly #runs: LRUCache<string, QueryRun>;
  #running = 0;

  constructor(source: QuerySource, options: QueryRunsOptions = {}) {
    const { maxQueries = 1000, maxResults = 100, maxResultBytes = 64 * MEBIBYTE, ...rest } = options;
    this.#source = source;
    this.#options = { maxRunning: 16, timeoutMs: 30_000, onFailure: () => {}, ...rest };
    this.#queries = new LRUCache({ max: maxQueries, maxSize: MAX_QUERY_BYTES });
    this.#runs = new LRUCache({ max: maxResults, maxSize: maxResultBytes });
  }

  /** Stores a specification after checking its columns. @throws QueryError */
  create(dataset: string, spec: QuerySpec): StoredQuery {
    checkQuery(fieldsOf(this.#source, dataset), dataset, spec);
    const query = { id: queryId(dataset, spec), dataset, spec };
    this.#queries.set(key(dataset, query.id), query, { size: JSON.stringify(spec).length });
    return query;
  }

  /** @throws QueryError when it is unknown */
  query(dataset: string, id: string): StoredQuery {
    const query = this.#queries.get(key(dataset, id));
    if (query === undefined) throw new QueryError('not-found', 'Query not found');
    return query;
  }

  /**
   * Runs a stored query.
   * @param changes what is asked otherwise than the query says; saved calculated fields of this moment
   * @throws QueryError when it is unknown, too many are running, or it fails
   */
  async run(
    dataset: string,
    id: string,
    changes: { readonly limit?: number | undefined; readonly saved?: SavedFields },
    options: RunOptions,
  ): Promise<QueryRun> {
    const query = this.query(dataset, id);
    const { maxRunning, timeoutMs, onFailure } = this.#options;
    if (this.#running >= maxRunning) {
      throw new QueryError(
        'rate-limited',
        `${this.#running} queries are running; try again when one has finished`,
        [],
        1,
      );
    }
    const { limit = query.spec.limit, saved = query.spec.saved } = changes;
    const spec = { ...query.spec, limit, ...(saved && { saved }) };
    this.#running++;
    try {
      const data = JSON.stringify(await runQuery(this.#source, dataset, spec, { timeoutMs, ...options }));
      const run = { id: shortHash(randomUUID()), query, data };
      this.#runs.set(key(dataset, run.id), run, { size: data.length });
      return run;
    } catch (error) {
      if (options.signal?.aborted === true) throw new QueryError('not-found', 'The query was cancelled');
      const shown = toQueryError(error);
      if (shown.kind === 'internal') onFailure(error);
      throw shown;
    } finally {
      this.#running--;
    }
  }

  /** A run by its id. @throws QueryError when it is not kept (any more) */
  result(dataset: string, id: string): QueryRun {
    const run = this.#runs.get(key(dataset, id));
    if (run === undefined) throw new QueryError('not-found', 'Query result not found');
    return run;
  }

  /** Forgets all results: they may hold what was deleted. */
  forgetResults(): void {
    this.#runs.clear();
  }
}

function key(dataset: string, id: string): string {
  return `${id} ${dataset}`;
}
