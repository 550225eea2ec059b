import { chmodSync, closeSync, openSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { DatabaseSync } from 'node:sqlite';
import type { CompiledQuery, QueryResult } from 'kysely';
import { ConfigError } from '../config/config-error.ts';
import { makeDataFolder } from '../config/data-folder.ts';
import { withoutKeys } from '../config/without-keys.ts';
import { problems } from '../errors.ts';
import { Checkpoints } from './checkpoints.ts';
import { isSqliteBusy, withCode } from './unavailable.ts';

/** Longest time to switch a new file to write-ahead logging, while other processes do the same. */
const SWITCH_TIMEOUT_MS = 5000;
/** Pause between two attempts. */
const RETRY_INTERVAL_MS = 10;
/** Pages of the file that reading keeps in memory: SQLite's own 2 MiB hold less than one search of a large file reads. */
const READ_CACHE_KIB = 32 * 1024;
/** Pages of the log, 4 KiB each, from which SQLite writes it back itself: the thread that does so has come to nothing. */
const LONG_LOG_PAGES = 8000;
/** A service has a few dozen statements; the bound guards against texts that are made up at run time. */
const MAX_STATEMENTS = 256;

/**
 * A SQLite file, opened twice: what only reads never waits for who writes. No call waits for another process: SQLite
 * would block the event loop meanwhile, so it refuses at once, and the driver tries again.
 */
export class SqliteFile {
  readonly #path: string;
  readonly #identity: string | undefined;
  readonly #writer: Handle;
  /** Undefined in memory, where a second handle would be another database. */
  readonly #reader: Handle | undefined;
  /** Undefined in memory, where there is no log. */
  readonly #checkpoints: Checkpoints | undefined;

  /**
   * Opens the file and makes it, and its folder, for their owner only.
   * @throws ConfigError for a folder that cannot be used, and a pipe or a folder in the file's place; or Error of the file
   *   system or of SQLite
   */
  constructor(path: string) {
    this.#path = path;
    if (path !== ':memory:') createPrivately(path);
    this.#writer = new Handle(path, false);
    this.#reader = path === ':memory:' ? undefined : new Handle(path, true);
    this.#checkpoints = path === ':memory:' ? undefined : new Checkpoints(path);
    this.#identity = this.#currentIdentity();
  }

  /** Whether reading can go on while a transaction is open. */
  get hasReader(): boolean {
    return this.#reader !== undefined;
  }

  get isInTransaction(): boolean {
    return this.#writer.database.isTransaction;
  }

  /** Runs a statement on the handle that writes. */
  write<R>(query: Statement): QueryResult<R> {
    const result = this.#writer.run<R>(query);
    this.#checkpoints?.wrote();
    return result;
  }

  /** Runs a statement that only reads; sees what is committed. */
  read<R>(query: Statement): QueryResult<R> {
    return (this.#reader ?? this.#writer).run(query);
  }

  /** @throws Problem DATABASE_UNAVAILABLE when the path leads to another file now: what is written would be lost */
  assertInPlace(): void {
    if (this.#currentIdentity() === this.#identity) return;
    const cause = new Error(
      `The file ${basename(this.#path)} was removed or replaced while it was open; restart.`,
    );
    throw problems.DATABASE_UNAVAILABLE({ detail: cause.message, cause });
  }

  /** The last to close a file writes all of its log back. */
  async close(): Promise<void> {
    await this.#checkpoints?.close();
    this.#reader?.database.close();
    this.#writer.database.close();
  }

  #currentIdentity(): string | undefined {
    if (this.#path === ':memory:') return undefined;
    const stats = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? 'none' : `${stats.dev}:${stats.ino}`;
  }
}

type Statement = Pick<CompiledQuery, 'sql' | 'parameters'>;

/** One connection to a file, with the statements that it has prepared. */
class Handle {
  readonly database: DatabaseSync;
  readonly #statements = new Map<string, { readonly statement: StatementSync; readonly hasRows: boolean }>();

  constructor(path: string, readOnly: boolean) {
    this.database = new DatabaseSync(path, { readOnly, timeout: 0 });
    if (!readOnly) useWriteAheadLog(this.database);
    else this.database.exec(`pragma cache_size = -${READ_CACHE_KIB}`);
  }

  run<R>(query: Statement): QueryResult<R> {
    try {
      return this.#run(query);
    } catch (error) {
      throw withCode(error);
    }
  }

  #run<R>({ sql, parameters }: Statement): QueryResult<R> {
    const { statement, hasRows } = this.#prepare(sql);
    const values = parameters as SQLInputValue[];
    if (hasRows) return { rows: statement.all(...values) as R[] };
    const { changes, lastInsertRowid } = statement.run(...values);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  #prepare(sql: string) {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear();
    const statement = this.database.prepare(sql);
    const prepared = { statement, hasRows: statement.columns().length > 0 };
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

/** SQLite gives its log the mode of the database, so that is right from the beginning; older files are mended. */
function createPrivately(path: string): void {
  makeDataFolder(dirname(path));
  // A pipe would be waited for without end.
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false)
    throw new ConfigError('DATA_DIR', `${withoutKeys(path)} is no file; remove it, or set another DATA_DIR.`);
  closeSync(openSync(path, 'a', 0o600));
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats !== undefined && (stats.mode & 0o077) !== 0) chmodSync(file, 0o600);
  }
}

/** Switches to write-ahead logging, with which readers never wait for a writer. Blocks, but only at the start. */
function useWriteAheadLog(database: DatabaseSync): void {
  const giveUp = performance.now() + SWITCH_TIMEOUT_MS;
  for (;;) {
    try {
      database.exec(`pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on;
        pragma wal_autocheckpoint = ${LONG_LOG_PAGES}`);
      return;
    } catch (error) {
      if (performance.now() > giveUp || !isSqliteBusy(error)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_INTERVAL_MS);
    }
  }
}
