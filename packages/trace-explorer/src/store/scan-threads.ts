import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** Threads of DuckDB while scans run: that of libuv which waits for the scan's end works on it, too. */
const SCANNING = 2;
const OTHERWISE = 1;
/** For how long the second one stays after a scan: a page asks several questions in a row. */
const LINGER_MS = 500;

/**
 * DuckDB's second thread, which is there only while scans run: a query of millions of rows takes half as long with it.
 * Whatever else DuckDB runs costs more with it: a statement is begun by that thread or by the one that asked for it,
 * whichever is first, and the other one asks without pause whether it has ended.
 */
export class ScanThreads {
  readonly #instance: DuckDBInstance;
  #connection: Promise<DuckDBConnection> | undefined;
  #scans = 0;
  #threads = OTHERWISE;
  /** Settings are made one after the other. */
  #setting: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(instance: DuckDBInstance) {
    this.#instance = instance;
  }

  /** Resolves when a scan can begin. */
  enter(): Promise<void> {
    clearTimeout(this.#timer);
    this.#scans++;
    return this.#set(SCANNING);
  }

  leave(): void {
    this.#scans--;
    if (this.#scans > 0 || this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#set(OTHERWISE), LINGER_MS).unref();
  }

  /** No scan may enter from here on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#setting;
    (await this.#connection)?.closeSync();
  }

  #set(threads: number): Promise<void> {
    if (threads !== this.#threads) {
      this.#threads = threads;
      // Where it cannot be had, scans take longer, and that is all.
      this.#setting = this.#setting.then(() => this.#run(`SET GLOBAL threads = ${threads}`)).catch(() => {});
    }
    return this.#setting;
  }

  async #run(sql: string): Promise<void> {
    this.#connection ??= this.#instance.connect();
    await (await this.#connection).run(sql);
  }
}
