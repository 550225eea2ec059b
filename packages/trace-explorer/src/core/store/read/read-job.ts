import type { DuckDBConnection } from '@duckdb/node-api';
import type { Deadline } from '../../../lib/time/deadline.ts';
import { deadlineIn } from '../../../lib/time/deadline.ts';
import { Failure } from '../../failures.ts';
import { says } from '../store-error.ts';
import type { Database } from '../table/database.ts';
import type { Scans } from './scans.ts';
import type { SharedTime } from './shared-time.ts';
import type { ReadOptions, ReadResult } from './statement.ts';
import { run } from './statement.ts';
import { readingLeft, tooLate } from './turns-within.ts';

/** Milliseconds after which a statement without a deadline is interrupted. */
const LONGEST_MS = 60_000;
/** Milliseconds after which a statement is interrupted that others held up, while a checkpoint, and so senders, wait for its end. */
const STATEMENT_MS = 30_000;
/** Milliseconds between two looks at the time that a statement has used, and for such a checkpoint. */
const LOOK_MS = 250;
export const INTERRUPT_INTERVAL_MS = 10;

/** What all jobs share. */
export interface ReaderPool {
  readonly database: Pick<Database, 'hasCheckpointWaiting'>;
  readonly free: DuckDBConnection[];
  readonly busy: Set<DuckDBConnection>;
  readonly time: SharedTime;
  readonly scans: Scans;
  isClosed: boolean;
}

/** A connection for one statement. */
interface Acquired {
  readonly connection: DuckDBConnection;
  /** Aborted when the statement is too late. */
  readonly late: AbortSignal;
  /** Aborted when the statement is too late, or its reader leaves. */
  readonly end: AbortSignal;
  release(): void;
}

/** One statement. It may be attempted more than once. */
export class ReadJob {
  readonly deadline: Deadline;
  /** Whether no scan ran beside it. */
  wasAlone: boolean;
  /** Whether its reader was given rows. */
  hasRows = false;
  readonly #pool: ReaderPool;
  readonly #options: ReadOptions;
  readonly #run: (connection: DuckDBConnection) => Promise<ReadResult>;

  constructor(pool: ReaderPool, sql: string, values: readonly unknown[], options: ReadOptions) {
    const { deadline = deadlineIn(LONGEST_MS), short = false, take } = options;
    this.#pool = pool;
    this.#options = options;
    this.deadline = deadline;
    this.wasAlone = short;
    const given = take && {
      take: (row: readonly unknown[]) => {
        this.hasRows = true;
        take(row);
      },
    };
    this.#run = (connection) => run(connection, sql, values, { ...options, ...given });
  }

  /** Runs the statement on a connection that is free. @throws as {@link classify} has it */
  async attempt(): Promise<ReadResult> {
    const acquired = this.#acquire();
    try {
      return await this.#runOn(acquired);
    } catch (error) {
      const { signal } = this.#options;
      throw classify(error, signal, acquired.late, this.deadline, this.#pool.isClosed);
    } finally {
      acquired.release();
    }
  }

  #acquire(): Acquired {
    const { database, free, busy, time, isClosed } = this.#pool;
    const connection = free.pop();
    if (isClosed || connection === undefined) throw new Failure('STORE_CLOSED');
    busy.add(connection);
    const late = new AbortController();
    const end = AbortSignal.any([late.signal, this.#options.signal].filter((each) => each !== undefined));
    const until = performance.now() + Math.max(STATEMENT_MS, this.deadline.ms);
    let watching: NodeJS.Timeout | undefined;
    const watch = () => {
      time.share();
      const left = readingLeft(this.deadline);
      const isInWay = database.hasCheckpointWaiting && performance.now() >= until;
      if (left <= 0 || isInWay) late.abort();
      else watching = setTimeout(watch, Math.ceil(Math.min(left, LOOK_MS)));
    };
    watch();
    let interrupting: NodeJS.Timeout | undefined;
    // An interrupt before the statement runs is lost, so the interrupt is repeated.
    const interrupt = () => {
      connection.interrupt();
      interrupting ??= setInterval(() => connection.interrupt(), INTERRUPT_INTERVAL_MS);
    };
    end.addEventListener('abort', interrupt);
    return {
      connection,
      late: late.signal,
      end,
      release() {
        clearTimeout(watching);
        clearInterval(interrupting);
        end.removeEventListener('abort', interrupt);
        busy.delete(connection);
        free.push(connection);
      },
    };
  }

  async #runOn({ connection, end }: Acquired): Promise<ReadResult> {
    const { time, scans } = this.#pool;
    const { short = false } = this.#options;
    try {
      if (!short) await scans.begin();
      end.throwIfAborted();
      const scan = ++scans.started;
      this.wasAlone ||= scans.running === 1;
      return await time
        .during(this.deadline, () => this.#run(connection))
        .finally(() => {
          this.wasAlone &&= scan === scans.started || short;
        });
    } finally {
      if (!short) scans.end();
    }
  }
}

/** What a reader is told of a statement that failed: the first of these that is so, else the error itself. */
function classify(
  error: unknown,
  signal: AbortSignal | undefined,
  late: AbortSignal,
  deadline: Deadline,
  isClosed: boolean,
): unknown {
  if (signal?.aborted) return signal.reason;
  if (late.aborted) return tooLate(deadline);
  if (isClosed) return new Failure('STORE_CLOSED');
  if (says(error, 'pattern')) return new Failure('PATTERN_TOO_LARGE');
  return says(error, 'memory') && !says(error, 'givenUp') ? new Failure('QUERY_TOO_LARGE') : error;
}
