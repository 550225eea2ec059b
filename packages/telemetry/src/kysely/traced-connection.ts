import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import type { QuerySpans } from './query-spans.ts';
import { endFailed, runTraced } from './query-spans.ts';

/** A Kysely connection that makes one CLIENT span per statement. */
export class TracedConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;
  readonly #spans: QuerySpans;
  declare cancelQuery?: NonNullable<DatabaseConnection['cancelQuery']>;
  declare collectSessionInfo?: NonNullable<DatabaseConnection['collectSessionInfo']>;
  declare killSession?: NonNullable<DatabaseConnection['killSession']>;

  constructor(inner: DatabaseConnection, spans: QuerySpans) {
    this.inner = inner;
    this.#spans = spans;
    if (inner.cancelQuery !== undefined) this.cancelQuery = inner.cancelQuery.bind(inner);
    if (inner.collectSessionInfo !== undefined)
      this.collectSessionInfo = inner.collectSessionInfo.bind(inner);
    if (inner.killSession !== undefined) this.killSession = inner.killSession.bind(inner);
  }

  executeQuery<R>(
    query: CompiledQuery,
    options?: Parameters<DatabaseConnection['executeQuery']>[1],
  ): Promise<QueryResult<R>> {
    return runTraced(this.#spans.start(query), () => this.inner.executeQuery<R>(query, options));
  }

  async *streamQuery<R>(
    query: CompiledQuery,
    chunkSize: number,
    options?: Parameters<DatabaseConnection['streamQuery']>[2],
  ): AsyncIterableIterator<QueryResult<R>> {
    const span = this.#spans.start(query);
    try {
      yield* this.inner.streamQuery<R>(query, chunkSize, options);
    } catch (error) {
      endFailed(span, error);
      throw error;
    } finally {
      // A consumer that stops early ends the generator here too; a second end() would be reported as a mistake.
      if (span?.isRecording() === true) span.end();
    }
  }
}
