import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { QueryError } from '../parse/query-error.ts';
import type { QuerySpec } from '../parse/query-spec.ts';
import type { SavedFields } from '../parse/saved-fields.ts';
import { queryId, shortHash } from './query-id.ts';
import type { QuerySource, RunOptions } from './run-query.ts';
import { checkQuery, fieldsIn, runQuery, toQueryError } from './run-query.ts';

export interface QueryRunsOptions {
  readonly maxResults?: number;
  /** Bytes of all results kept. */
  readonly maxResultBytes?: number;
  readonly maxRunning?: number;
  /** Receives failures that the client did not cause. */
  readonly onFailure?: (error: unknown) => void;
}

export interface StoredQuery {
  readonly id: string;
  readonly dataset: string;
  readonly spec: QuerySpec;
}

export interface QueryRun {
  readonly id: string;
  readonly query: StoredQuery;
  /** The result's `data` as JSON. */
  readonly data: string;
}

const MEBIBYTE = 1024 ** 2;
/** Stored specifications, and their bytes. 1,000 specifications of usual size take less than one mebibyte. */
const MAX_QUERIES = 1000;
const MAX_QUERY_BYTES = 8 * MEBIBYTE;

/**
 * Queries and their runs, as in Honeycomb's Query Data API: a client creates a query, runs it, and can read its result again.
 * Both are bounded; the oldest goes first. A restart forgets them.
 */
export class QueryRuns {
  readonly #source: QuerySource;
  readonly #options: Required<Pick<QueryRunsOptions, 'maxRunning' | 'onFailure'>>;
  readonly #queries: LRUCache<string, StoredQuery>;
  readonly #runs: LRUCache<string, QueryRun>;
  #running = 0;

  constructor(source: QuerySource, options: QueryRunsOptions = {}) {
    const { maxResults = 100, maxResultBytes = 64 * MEBIBYTE, ...rest } = options;
    this.#source = source;
    this.#options = { maxRunning: 16, onFailure: () => {}, ...rest };
    this.#queries = new LRUCache({ max: MAX_QUERIES, maxSize: MAX_QUERY_BYTES });
    this.#runs = new LRUCache({ max: maxResults, maxSize: maxResultBytes });
  }

  /** Stores a specification after checking its columns. @throws QueryError */
  create(dataset: string, spec: QuerySpec, saved?: SavedFields): StoredQuery {
    checkQuery(fieldsIn(this.#source, dataset), dataset, spec, saved);
    const query = { id: queryId(dataset, spec), dataset, spec };
    this.#queries.set(key(dataset, query.id), query, { size: JSON.stringify(spec).length });
    return query;
  }

  /** @throws QueryError when the query is unknown */
  query(dataset: string, id: string): StoredQuery {
    const query = this.#queries.get(key(dataset, id));
    if (query === undefined) throw new QueryError('not-found', 'Query not found');
    return query;
  }

  /**
   * Runs a stored query.
   * @param limit replaces the query's
   * @throws QueryError when the query is unknown, too many queries are running, or this one fails
   */
  async run(dataset: string, id: string, limit: number | undefined, options: RunOptions): Promise<QueryRun> {
    const query = this.query(dataset, id);
    const { maxRunning, onFailure } = this.#options;
    if (this.#running >= maxRunning) {
      throw new QueryError(
        'rate-limited',
        `${this.#running} queries are running; try again when one has finished`,
        [],
        1,
      );
    }
    const spec = { ...query.spec, ...(limit !== undefined && { limit }) };
    this.#running++;
    try {
      const data = JSON.stringify(await runQuery(this.#source, dataset, spec, options));
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

  /** A run by its id. @throws QueryError when the run is unknown or no longer kept */
  result(dataset: string, id: string): QueryRun {
    const run = this.#runs.get(key(dataset, id));
    if (run === undefined) throw new QueryError('not-found', 'Query result not found');
    return run;
  }

  /** Forgets all results, because they may contain deleted rows. */
  forgetResults(): void {
    this.#runs.clear();
  }
}

function key(dataset: string, id: string): string {
  return `${id} ${dataset}`;
}
