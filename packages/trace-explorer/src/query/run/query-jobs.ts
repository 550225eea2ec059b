import { LRUCache } from 'lru-cache';
import { QueryError } from '../parse/query-error.ts';
import type { QuerySpec } from '../parse/query-spec.ts';
import type { SavedFields } from '../parse/saved-fields.ts';
import { queryId } from './query-id.ts';
import type { StoredQuery } from './query-job.ts';
import { QueryJob } from './query-job.ts';
import type { QuerySource, RunOptions } from './run-query.ts';
import { checkQuery, fieldsOf, runQuery, toQueryError } from './run-query.ts';

export interface QueryJobsOptions {
  readonly maxQueries?: number;
  readonly maxResults?: number;
  /** Bytes of all results kept. */
  readonly maxResultBytes?: number;
  readonly maxRunning?: number;
  readonly timeoutMs?: number;
  /** Told of failures that are not the client's. */
  readonly onFailure?: (error: unknown) => void;
}

const MEBIBYTE = 1024 ** 2;
/** Bytes of all specifications kept: 1,000 of the size people write take less than one. */
const MAX_QUERY_BYTES = 8 * MEBIBYTE;

/**
 * Queries and their runs, as Honeycomb's Query Data API has them: a query is created, run, and its result
 * read until it is complete. Everything is bounded; the oldest goes first. Nothing survives a restart.
 */
export class QueryJobs {
  readonly #source: QuerySource;
  readonly #options: Required<Omit<QueryJobsOptions, 'onFailure'>>;
  readonly #onFailure: (error: unknown) => void;
  readonly #queries: LRUCache<string, StoredQuery>;
  readonly #jobs: LRUCache<string, QueryJob>;
  #running = 0;

  constructor(source: QuerySource, { onFailure = () => {}, ...options }: QueryJobsOptions = {}) {
    this.#source = source;
    this.#onFailure = onFailure;
    this.#options = {
      maxQueries: 1000,
      maxResults: 100,
      maxResultBytes: 64 * MEBIBYTE,
      maxRunning: 16,
      timeoutMs: 30_000,
      ...options,
    };
    const { maxQueries, maxResults, maxResultBytes } = this.#options;
    this.#queries = new LRUCache({ max: maxQueries, maxSize: MAX_QUERY_BYTES });
    this.#jobs = new LRUCache({
      max: maxResults,
      maxSize: maxResultBytes,
      dispose: (job, _key, reason) => {
        if (reason === 'evict') job.cancel();
      },
    });
  }

  /** Stores a specification after checking its columns. @throws QueryError */
  create(dataset: string, spec: QuerySpec): StoredQuery {
    checkQuery(fieldsOf(this.#source, dataset), dataset, spec);
    const query = { id: queryId(dataset, spec), dataset, spec };
    this.#queries.set(key(dataset, query.id), query, { size: JSON.stringify(spec).length });
    return query;
  }

  query(dataset: string, id: string): StoredQuery {
    const query = this.#queries.get(key(dataset, id));
    if (query === undefined) throw new QueryError('not-found', 'Query not found');
    return query;
  }

  /** Runs a stored query. @throws QueryError when it is unknown or too many are running */
  start(
    dataset: string,
    id: string,
    changes: {
      disableSeries: boolean;
      total?: boolean;
      limit?: number;
      /** The saved calculated fields of this moment; by default those of the query's creation. */
      saved?: SavedFields;
    },
  ): QueryJob {
    const query = this.query(dataset, id);
    if (this.#running >= this.#options.maxRunning) {
      throw new QueryError(
        'rate-limited',
        `${this.#running} queries are running; try again when one has finished`,
      );
    }
    const { limit, saved } = changes;
    const spec = { ...query.spec, ...(limit !== undefined && { limit }), ...(saved && { saved }) };
    const job = new QueryJob(query, (signal) => {
      const { timeoutMs } = this.#options;
      const { disableSeries, total = false } = changes;
      return this.#run(dataset, spec, { signal, timeoutMs, disableSeries, total });
    });
    this.#jobs.set(key(dataset, job.id), job, { size: 1 });
    void job.finished.then(() => this.#keep(dataset, job));
    return job;
  }

  job(dataset: string, id: string): QueryJob {
    const job = this.#jobs.get(key(dataset, id));
    if (job === undefined) throw new QueryError('not-found', 'Query result not found');
    return job;
  }

  /** Forgets results that are complete: they may hold what was deleted. */
  forgetResults(): void {
    for (const job of [...this.#jobs.values()]) {
      if (job.data !== undefined) this.#jobs.delete(key(job.query.dataset, job.id));
    }
  }

  /** Interrupts everything that is running. */
  close(): void {
    for (const job of this.#jobs.values()) job.cancel();
  }

  async #run(dataset: string, spec: QuerySpec, options: RunOptions): Promise<string> {
    this.#running++;
    try {
      return JSON.stringify(await runQuery(this.#source, dataset, spec, options));
    } catch (error) {
      const shown = toQueryError(error);
      if (shown.kind === 'internal' && options.signal?.aborted !== true) this.#onFailure(error);
      throw shown;
    } finally {
      this.#running--;
    }
  }

  /** Counts a finished result against the bounds, which may let older ones go. */
  #keep(dataset: string, job: QueryJob): void {
    const known = key(dataset, job.id);
    if (this.#jobs.has(known)) this.#jobs.set(known, job, { size: Math.max(1, job.data?.length ?? 0) });
  }
}

function key(dataset: string, id: string): string {
  return `${id} ${dataset}`;
}
