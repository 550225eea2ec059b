import { setTimeout as sleep } from 'node:timers/promises';
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import { problems } from '../errors.ts';
import type { SqliteFile } from './sqlite-file.ts';
import { isSqliteBusy } from './unavailable.ts';
import { activeWork } from './work.ts';

/** Longest wait for the right to write outside of a request: another replica may be migrating. */
const WRITE_TIMEOUT_MS = 30_000;
/** Kept of a request's own deadline, to answer that the database is busy. */
const RESERVE_MS = 100;
/** First pause before a file that another process locks is tried again; each further one is twice as long. */
const MIN_PAUSE_MS = 2;
const MAX_PAUSE_MS = 50;

/**
 * Kysely's driver for one SQLite file. Statements that only read run at once. Transactions, and single statements
 * that write, wait for each other in a queue and for other processes by trying again: neither stops the event loop.
 */
export class SqliteDriver implements Driver {
  readonly #file: SqliteFile;
  readonly #free: SqliteConnection[] = [];
  readonly #writers = new Queue();

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#free.pop() ?? new SqliteConnection(this.#file, this.#writers);
  }

  beginTransaction(connection: DatabaseConnection): Promise<void> {
    return (connection as SqliteConnection).begin();
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    (connection as SqliteConnection).commit();
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    (connection as SqliteConnection).rollback();
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    this.#free.push(connection as SqliteConnection);
  }

  async destroy(): Promise<void> {
    await this.#file.close();
  }
}

/** What one user of the database sees; all share the file's two handles. */
class SqliteConnection implements DatabaseConnection {
  readonly #file: SqliteFile;
  readonly #writers: Queue;
  /** Lets the next one write; set while this connection has a transaction. */
  #done: (() => void) | undefined;

  constructor(file: SqliteFile, writers: Queue) {
    this.#file = file;
    this.#writers = writers;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#done !== undefined) return this.#file.write(query);
    const until = patience();
    if (this.#file.hasReader && onlyReads(query)) return retryWhileBusy(until, () => this.#file.read(query));
    const done = await this.#writers.enter(until);
    try {
      return await retryWhileBusy(until, () => this.#file.write(query));
    } finally {
      done();
    }
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery(query); // SQLite has them all at once anyway
  }

  async begin(): Promise<void> {
    const until = patience();
    const done = await this.#writers.enter(until);
    try {
      this.#file.assertInPlace();
      // Takes the lock now: a transaction that reads first and writes later would fail instead of waiting its turn.
      // It also keeps two processes from migrating at once.
      await retryWhileBusy(until, () => this.#command('begin immediate'));
      this.#done = done;
    } catch (error) {
      done();
      throw error;
    }
  }

  commit(): void {
    this.#command('commit');
    this.#end();
  }

  rollback(): void {
    try {
      // Some failures, a full disk for one, have ended the transaction already.
      if (this.#file.isInTransaction) this.#command('rollback');
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#done?.();
    this.#done = undefined;
  }

  #command(sql: string): void {
    this.#file.write({ sql, parameters: [] });
  }
}

/** Lets one in at a time, in the order of arrival. */
class Queue {
  #last: Promise<void> = Promise.resolve();

  /**
   * Resolves when it is the caller's turn, with the function that ends it.
   * @throws Problem DATABASE_BUSY when the turn comes after `until`
   */
  async enter(until: number): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#last;
    this.#last = promise;
    await before;
    if (performance.now() < until) return resolve;
    resolve();
    throw busy();
  }
}

/** When to stop waiting, on the clock of `performance.now()`. */
function patience(): number {
  const work = activeWork();
  return work === undefined ? performance.now() + WRITE_TIMEOUT_MS : work.deadline - RESERVE_MS;
}

async function retryWhileBusy<T>(until: number, run: () => T): Promise<T> {
  for (let pause = MIN_PAUSE_MS; ; pause = Math.min(2 * pause, MAX_PAUSE_MS)) {
    try {
      return run();
    } catch (error) {
      if (!isSqliteBusy(error)) throw error;
      if (performance.now() + pause > until) throw busy(error);
    }
    await sleep(pause);
  }
}

function busy(cause?: unknown) {
  return problems.DATABASE_BUSY({ detail: 'Others are writing to the database.', cause });
}

/** SQLite has no writing statement that begins with `select`; the reading handle would refuse one. */
function onlyReads({ query, sql }: CompiledQuery): boolean {
  return query.kind === 'SelectQueryNode' || /^\s*select\b/i.test(sql);
}
