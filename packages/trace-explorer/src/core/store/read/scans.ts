import type { DuckDBConnection } from '@duckdb/node-api';

/**
 * The scans that run. A query of millions of rows takes half as long with DuckDB's second thread. All other statements then cost
 * more: one of the two threads asks without pause whether the other has ended. So only scans get the second thread.
 */
export class Scans {
  /** For settings. */
  readonly #connection: DuckDBConnection;
  #setting: Promise<unknown> = Promise.resolve();
  running = 0;
  /** Statements that have begun beside them, so far. */
  started = 0;

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  /** Resolves when DuckDB has its second thread. */
  async begin(): Promise<void> {
    if (++this.running === 1) this.#setThreads(2);
    await this.#setting;
  }

  end(): void {
    if (--this.running === 0) this.#setThreads(1);
  }

  /** Resolves when no setting is under way. */
  async close(): Promise<void> {
    await this.#setting;
  }

  #setThreads(threads: 1 | 2): void {
    const set = () => this.#connection.run(`SET GLOBAL threads = ${threads}`);
    // A failure is harmless: scans only take longer.
    this.#setting = this.#setting.then(set).catch(() => {});
  }
}
