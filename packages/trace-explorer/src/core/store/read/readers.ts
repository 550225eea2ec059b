import { setTimeout as sleep } from 'node:timers/promises';
import { TaskQueue } from '../../../lib/node/task-queue.ts';
import { deadlineIn } from '../../../lib/time/deadline.ts';
import { isRefused } from '../../failures.ts';
import { tooManyReaders } from '../store-error.ts';
import type { Database } from '../table/database.ts';
import { endAtExit } from './end-at-exit.ts';
import type { ReaderPool } from './read-job.ts';
import { INTERRUPT_INTERVAL_MS, ReadJob } from './read-job.ts';
import type { ReadDemand } from './read-queue.ts';
import { CONNECTIONS, chooseRead } from './read-queue.ts';
import { Scans } from './scans.ts';
import { SharedTime } from './shared-time.ts';
import type { ReadOptions, ReadResult } from './statement.ts';

/** Milliseconds that a request without a deadline waits for a reader. */
export const READER_WAIT_MS = 15_000;

/** Connections for reading. Each statement has its own, because an interrupt ends all statements of the connection. */
export class Readers {
  readonly #queue = new TaskQueue<ReadDemand>(chooseRead);
  readonly #pool: ReaderPool;
  /** Takes back what is done at the end of the process. */
  readonly #letGo: () => void;

  private constructor(pool: ReaderPool) {
    this.#pool = pool;
    this.#letGo = endAtExit(pool.busy);
  }

  /** @throws DuckDB's error */
  static async open(database: Database): Promise<Readers> {
    const free = await Promise.all(Array.from({ length: CONNECTIONS }, () => database.connect()));
    const scans = new Scans(await database.connect());
    return new Readers({ database, free, busy: new Set(), time: new SharedTime(), scans, isClosed: false });
  }

  /** Statements that wait for their turn. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  /** @throws Failure, the signal's reason, or DuckDB's error */
  async read(sql: string, values: readonly unknown[], options: ReadOptions): Promise<ReadResult> {
    const { signal, short = false, large = false } = options;
    signal?.throwIfAborted();
    const job = new ReadJob(this.#pool, sql, values, options);
    const { began, ms } = job.deadline;
    const wait = { deadline: options.deadline ?? deadlineIn(READER_WAIT_MS), signal, late: tooManyReaders };
    const takeTurn = (size: ReadDemand['size']) =>
      this.#queue.take(() => job.attempt(), wait, { size, used: job.deadline.used, late: began + ms });
    try {
      return await takeTurn(short ? 'short' : large ? 'large' : 'scan');
    } catch (error) {
      // Alone it may have enough.
      if (job.wasAlone || job.hasRows || !isRefused(error, 'QUERY_TOO_LARGE')) throw error;
      return await takeTurn('alone');
    }
  }

  /** Interrupts running statements and refuses waiting ones. Resolves when nothing runs. */
  async close(): Promise<void> {
    this.#pool.isClosed = true;
    while (this.#pool.busy.size > 0) {
      for (const connection of this.#pool.busy) connection.interrupt();
      await sleep(INTERRUPT_INTERVAL_MS);
    }
    this.#letGo();
    await this.#pool.scans.close();
  }
}
