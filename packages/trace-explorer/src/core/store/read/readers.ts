import { setTimeout as sleep } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { Failure, isRefused } from '../../../lib/failures.ts';
import { Turns } from '../../../lib/node/turns.ts';
import { deadlineIn } from '../../../lib/time/deadline.ts';
import { says, tooManyReaders } from '../store-error.ts';
import type { Database } from '../table/database.ts';
import type { Asked } from './read-queue.ts';
import { CONNECTIONS, chooseRead } from './read-queue.ts';
import { SharedTime } from './shared-time.ts';
import type { ReadOptions, ReadResult } from './statement.ts';
import { run } from './statement.ts';
import { readingLeft, tooLate } from './turns-within.ts';

/** Milliseconds that a request without a deadline waits for a reader. */
export const READER_WAIT_MS = 15_000;
/** Milliseconds after which a statement without a deadline is interrupted. */
const LONGEST_MS = 60_000;
/** Milliseconds after which a statement is interrupted that others held up: it holds up checkpoints, and so senders. */
const STATEMENT_MS = 30_000;
const INTERRUPT_INTERVAL_MS = 10;

/** Connections for reading. Each statement has its own, because an interrupt ends all statements of the connection. */
export class Readers {
  readonly #queue = new Turns<Asked>(chooseRead);
  readonly #time = new SharedTime();
  readonly #free: DuckDBConnection[];
  readonly #busy = new Set<DuckDBConnection>();
  /** For settings. */
  readonly #connection: DuckDBConnection;
  #runningScans = 0;
  #startedScans = 0;
  #setting: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  private constructor(connections: DuckDBConnection[], connection: DuckDBConnection) {
    this.#free = connections;
    this.#connection = connection;
  }

  /** @throws DuckDB's error */
  static async open(database: Database): Promise<Readers> {
    const connections = Array.from({ length: CONNECTIONS }, () => database.connect());
    return new Readers(await Promise.all(connections), await database.connect());
  }

  /** Statements that wait for their turn. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  /** @throws Failure, the signal's reason, or DuckDB's error */
  async read(sql: string, values: readonly unknown[], options: ReadOptions): Promise<ReadResult> {
    const { signal, deadline = deadlineIn(LONGEST_MS), short = false, large = false, take } = options;
    signal?.throwIfAborted();
    let [wasAlone, hasRows] = [short, false];
    const given = take && {
      take: (row: readonly unknown[]) => {
        hasRows = true;
        take(row);
      },
    };
    const task = async () => {
      const connection = this.#free.pop();
      if (this.#isClosed || connection === undefined) throw new Failure('STORE_CLOSED');
      this.#busy.add(connection);
      const late = new AbortController();
      const end = AbortSignal.any([late.signal, signal].filter((each) => each !== undefined));
      const until = performance.now() + Math.max(STATEMENT_MS, deadline.ms);
      let watching: NodeJS.Timeout | undefined;
      const watch = () => {
        this.#time.share();
        const left = Math.min(readingLeft(deadline), until - performance.now());
        if (left <= 0) late.abort();
        else watching = setTimeout(watch, Math.ceil(left));
      };
      watch();
      let interrupting: NodeJS.Timeout | undefined;
      // An interrupt before the statement runs is lost, so the interrupt is repeated.
      const interrupt = () => {
        connection.interrupt();
        interrupting ??= setInterval(() => connection.interrupt(), INTERRUPT_INTERVAL_MS);
      };
      end.addEventListener('abort', interrupt);
      try {
        if (!short && ++this.#runningScans === 1) this.#setThreads(2);
        if (!short) await this.#setting;
        end.throwIfAborted();
        const scan = ++this.#startedScans;
        wasAlone ||= this.#runningScans === 1;
        const statement = () => run(connection, sql, values, { ...options, ...given });
        return await this.#time.during(deadline, statement).finally(() => {
          wasAlone &&= scan === this.#startedScans || short;
        });
      } catch (error) {
        signal?.throwIfAborted();
        if (late.signal.aborted) throw tooLate(deadline);
        if (this.#isClosed) throw new Failure('STORE_CLOSED');
        if (says(error, 'pattern')) throw new Failure('PATTERN_TOO_LARGE');
        throw says(error, 'memory') && !says(error, 'givenUp') ? new Failure('QUERY_TOO_LARGE') : error;
      } finally {
        clearTimeout(watching);
        clearInterval(interrupting);
        end.removeEventListener('abort', interrupt);
        if (!short && --this.#runningScans === 0) this.#setThreads(1);
        this.#busy.delete(connection);
        this.#free.push(connection);
      }
    };
    const wait = { deadline: options.deadline ?? deadlineIn(READER_WAIT_MS), signal, late: tooManyReaders };
    const takeTurn = (size: Asked['size']) =>
      this.#queue.take(task, wait, {
        size,
        used: deadline.used,
        late: deadline.at - deadline.longest + deadline.ms,
      });
    try {
      return await takeTurn(short ? 'short' : large ? 'large' : 'scan');
    } catch (error) {
      // Alone it may have enough.
      if (wasAlone || hasRows || !isRefused(error, 'QUERY_TOO_LARGE')) throw error;
      return await takeTurn('alone');
    }
  }

  /** Interrupts running statements and refuses waiting ones. Resolves when nothing runs. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#busy.size > 0) {
      for (const connection of this.#busy) connection.interrupt();
      await sleep(INTERRUPT_INTERVAL_MS);
    }
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
