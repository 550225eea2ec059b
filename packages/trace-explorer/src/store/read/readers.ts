import type { DuckDBConnection } from '@duckdb/node-api';
import { deadlineIn, leftOf } from '../../shared/deadline.ts';
import { StoreError, says, tooManyReaders } from '../errors.ts';
import type { Database } from '../table/database.ts';
import { INTERRUPT_INTERVAL_MS, Lane } from './lane.ts';
import type { ReadOptions, ReadResult } from './statement.ts';
import { run } from './statement.ts';

/** Statements that run at the same time. Each holds one of libuv's threads. Short statements never wait for scans. */
const CONNECTIONS = { scans: 3, short: 2 };
/** Milliseconds that a request without a deadline waits for a reader. */
export const READER_WAIT_MS = 15_000;

/** Connections for reading. Each statement has its own, because an interrupt ends whatever the connection runs. */
export class Readers {
  readonly #scans: Lane;
  readonly #short: Lane;
  /** For settings. */
  readonly #connection: DuckDBConnection;
  #running = 0;
  #setting: Promise<unknown> = Promise.resolve();

  private constructor(scans: Lane, short: Lane, connection: DuckDBConnection) {
    this.#scans = scans;
    this.#short = short;
    this.#connection = connection;
  }

  /** @throws DuckDB's error */
  static async open(database: Database): Promise<Readers> {
    const lane = async (size: number) =>
      new Lane(await Promise.all(Array.from({ length: size }, () => database.connect())));
    const [scans, short] = [await lane(CONNECTIONS.scans), await lane(CONNECTIONS.short)];
    return new Readers(scans, short, await database.connect());
  }

  /** @throws StoreError, the signal's reason, or DuckDB's error */
  async read(sql: string, values: readonly unknown[], options: ReadOptions): Promise<ReadResult> {
    const { signal, deadline, take, short = false } = options;
    signal?.throwIfAborted();
    const lane = short ? this.#short : this.#scans;
    const asked = performance.now();
    const task = async (connection: DuckDBConnection) => {
      const waitedMs = performance.now() - asked;
      const timeout = deadline && AbortSignal.timeout(Math.ceil(leftOf(deadline)));
      const end = AbortSignal.any([timeout, signal].filter((each) => each !== undefined));
      let interrupting: NodeJS.Timeout | undefined;
      // An interrupt before the statement runs is lost, so the interrupt is repeated.
      const interrupt = () => {
        connection.interrupt();
        interrupting ??= setInterval(() => connection.interrupt(), INTERRUPT_INTERVAL_MS);
      };
      end.addEventListener('abort', interrupt);
      try {
        if (!short && ++this.#running === 1) this.#setThreads(2);
        if (!short) await this.#setting;
        end.throwIfAborted();
        return await run(connection, sql, values, take);
      } catch (error) {
        signal?.throwIfAborted();
        // A request that waited for most of its time may be quick on the next try.
        if (timeout?.aborted && deadline !== undefined)
          throw waitedMs > deadline.ms / 2
            ? tooManyReaders()
            : new StoreError('QUERY_TIMEOUT', { message: `Reading took longer than ${deadline.ms} ms` });
        if (lane.isClosed) throw new StoreError('STORE_CLOSED');
        throw says(error, 'memory') && !says(error, 'givenUp') ? new StoreError('QUERY_TOO_LARGE') : error;
      } finally {
        clearInterval(interrupting);
        end.removeEventListener('abort', interrupt);
        if (!short && --this.#running === 0) this.#setThreads(1);
      }
    };
    return lane.take(task, deadline ?? deadlineIn(READER_WAIT_MS), signal);
  }

  /** Interrupts running statements and refuses waiting ones. Resolves when nothing runs. */
  async close(): Promise<void> {
    await Promise.all([this.#scans.close(), this.#short.close()]);
    await this.#setting;
  }

  /**
   * A query of millions of rows takes half as long with DuckDB's second thread. All other statements then cost more: one
   * of the two threads asks without pause whether the other has ended. So only scans get the second thread.
   */
  #setThreads(threads: 1 | 2): void {
    const set = () => this.#connection.run(`SET GLOBAL threads = ${threads}`);
    // A failure is harmless: scans only take longer.
    this.#setting = this.#setting.then(set).catch(() => {});
  }
}
