import type { DuckDBConnection } from '@duckdb/node-api';
import type { Contents } from './contents.ts';
import type { Database } from './database.ts';
import { missingRoom, usedBytes } from './database.ts';
import { DiskFullError } from './errors.ts';
import type { Journal } from './journal.ts';

/** Share of DuckDB's memory that rows may take which no checkpoint has folded into the file: until then they are uncompressed. */
const UNFOLDED_MEMORY = 0.4;

export interface CheckpointOptions {
  readonly database: Database;
  /** One of its own: reads go on beside a checkpoint. */
  readonly connection: DuckDBConnection;
  readonly journal: Journal;
  readonly contents: Contents;
  /** All rows below are committed. */
  readonly committedSeq: () => number;
  readonly memoryMb: number;
  readonly maxBytes: number;
  readonly rowGroupRows: number;
  /** Told how one ended that nobody waits for. */
  readonly onEnd: (error: unknown) => void;
}

/**
 * Folds what is committed into the file, and removes it from the journal. Whoever writes awaits `idle` before: DuckDB's
 * appender would wait as well, but on the event loop, and with it everybody else.
 */
export class Checkpoints {
  readonly #options: CheckpointOptions;
  #running: Promise<void> | undefined;
  #unfoldedBytes = 0;
  #full: DiskFullError | undefined;

  constructor(options: CheckpointOptions) {
    this.#options = options;
  }

  /** Why nothing is to be taken: what is in the journal cannot be folded into the file, and is in memory until then. */
  get full(): DiskFullError | undefined {
    return this.#full;
  }

  /** Notes what was committed; starts a checkpoint when there is enough of it. */
  committed(bytes: number): void {
    const { memoryMb, maxBytes, onEnd } = this.#options;
    this.#unfoldedBytes += bytes;
    // The journal counts as a part of the store.
    const most = Math.min(memoryMb * 1e6 * UNFOLDED_MEMORY, maxBytes / 10);
    if (this.#unfoldedBytes < most || this.#running !== undefined) return;
    this.#start().then(() => onEnd(undefined), onEnd);
  }

  /** Runs one, after the one that runs. No transaction may be open. @throws DuckDB's error, DiskFullError, StoreGoneError */
  async run(): Promise<void> {
    await this.idle();
    await this.#start();
  }

  /** Resolves when none is running, however the last one ended. */
  async idle(): Promise<void> {
    await this.#running?.catch(() => {});
  }

  /** Bytes that a checkpoint has too little, and whether the store would take more than its cap of the disk during it. */
  async room(connection: DuckDBConnection, journalBytes: number) {
    const { database, contents, rowGroupRows, maxBytes } = this.#options;
    const used = await usedBytes(connection);
    const rowGroupShare = Math.min(1, rowGroupRows / Math.max(1, contents.rows));
    const rowGroupBytes = used * rowGroupShare;
    const { needed, missing } = await missingRoom(database.directory, { journalBytes, rowGroupBytes, used });
    return { used, rowGroupShare, missing, isOverCap: used + journalBytes + needed > maxBytes };
  }

  /** Whether what keeps a checkpoint from having room is the store itself: eviction can make some. */
  isOverCap = false;

  #start(): Promise<void> {
    this.#running ??= this.#checkpoint().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #checkpoint(): Promise<void> {
    const { database, connection, journal, contents, committedSeq } = this.#options;
    this.#unfoldedBytes = 0;
    const seq = committedSeq();
    database.requireFile();
    const { missing, isOverCap } = await this.room(
      connection,
      contents.rows === 0 ? 0 : journal.unpackedBytes,
    );
    this.#full = missing > 0 ? new DiskFullError() : undefined;
    this.isOverCap = isOverCap;
    if (this.#full !== undefined) throw this.#full;
    await connection.run('CHECKPOINT');
    await journal.forget(seq);
  }
}
