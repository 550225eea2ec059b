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
  readonly #abandonedAfterMs: number;
  #waiting = 0;
  #abandoned: NodeJS.Timeout | undefined;

  constructor(query: StoredQuery, abandonedAfterMs: number, run: (signal: AbortSignal) => Promise<string>) {
    this.query = query;
    this.#abandonedAfterMs = abandonedAfterMs;
    this.finished = run(this.#controller.signal).then(
      (data) => {
        this.data = data;
      },
      (error: unknown) => {
        this.error = this.#controller.signal.aborted ? cancelled() : toQueryError(error);
      },
    );
    void this.finished.then(() => clearTimeout(this.#abandoned));
  }

  get #isDone(): boolean {
    return this.data !== undefined || this.error !== undefined;
  }

  cancel(): void {
    this.#controller.abort();
  }

  /**
   * Waits at most `ms`. A client that goes away while it waits cancels the run, unless another one is waiting for it too; a
   * run that is no longer waited for is cancelled after a while.
   */
  async wait(ms: number, gone: AbortSignal): Promise<void> {
    if (this.#isDone) return;
    clearTimeout(this.#abandoned);
    this.#waiting++;
    await settlesWithin(this.finished, ms, gone);
    this.#waiting--;
    if (this.#isDone || this.#waiting > 0) return;
    if (gone.aborted) this.cancel();
    else this.#abandoned = setTimeout(() => this.cancel(), this.#abandonedAfterMs).unref();
  }
}

function cancelled(): QueryError {
  return new QueryError('not-found', 'The query was cancelled: nobody was waiting for its result');
}
