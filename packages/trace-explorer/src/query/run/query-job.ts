import { randomUUID } from 'node:crypto';
import { settlesWithin } from '../../http/settles-within.ts';
import { QueryError } from '../parse/query-error.ts';
import type { QuerySpec } from '../parse/query-spec.ts';
import { shortHash } from './query-id.ts';
import { toQueryError } from './run-query.ts';

export interface StoredQuery {
  readonly id: string;
  readonly dataset: string;
  readonly spec: QuerySpec;
}

/** One run of a stored query, which can be waited for and cancelled. */
export class QueryJob {
  readonly id = shortHash(randomUUID());
  readonly query: StoredQuery;
  /** Settles, never rejecting, when data or error is there. */
  readonly finished: Promise<void>;
  /** The result's `data` as JSON; undefined until it is complete. */
  data?: string;
  error?: QueryError;
  readonly #controller = new AbortController();
  #waiting = 0;

  constructor(query: StoredQuery, run: (signal: AbortSignal) => Promise<string>) {
    this.query = query;
    this.finished = run(this.#controller.signal).then(
      (data) => {
        this.data = data;
      },
      (error: unknown) => {
        this.error = this.#controller.signal.aborted ? cancelled() : toQueryError(error);
      },
    );
  }

  cancel(): void {
    this.#controller.abort();
  }

  /** Waits at most `ms`. A client that goes away while it waits cancels the run, unless another client waits for it too. */
  async wait(ms: number, gone: AbortSignal): Promise<void> {
    this.#waiting++;
    await settlesWithin(this.finished, ms, gone);
    this.#waiting--;
    if (gone.aborted && this.#waiting === 0) this.cancel();
  }
}

function cancelled(): QueryError {
  return new QueryError('not-found', 'The query was cancelled: nobody was waiting for its result');
}
