import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { nextTurn } from '../shared/turns.ts';
import { appenderTo, capOn, clearAppender, FILE_NAME, freeBytes, usedBytes } from './database.ts';
import { DiskFullError, says } from './errors.ts';
import { ChunkFiller } from './fill.ts';
import type { RowBuffer } from './rows.ts';
import { saveParts } from './scopes.ts';
import type { Files } from './store-file.ts';
import { CHUNK_ROWS } from './vectors.ts';

/**
 * Share of DuckDB's memory for a transaction: its rows are uncompressed. Ordinary spans fill a whole row group first: DuckDB
 * compresses a whole one at the commit, and a smaller one again at each checkpoint.
 */
const COMMIT_MEMORY = 0.3;
/** The same for committed rows that no checkpoint has written to the file. A restart after a kill replays these rows. */
const UNFOLDED_MEMORY = 0.1;
/** What a row takes in each column at least, also without a value. */
const CELL_BYTES = 4;
/** Rows that the appender holds: handing them to DuckDB costs as much as a thousand rows, and stops the event loop meanwhile. */
const HANDED_OVER_ROWS = 8_192;
/** Free bytes that a checkpoint needs for each byte of rows. 8 MB of large spans filled 29 MB, 6.4 MB more than 27; why is not known. */
const WRITTEN_PER_BYTE = 5;
/** Free bytes that a checkpoint of deletions needs: 0.1 MiB was enough for 11,200 spans of 28,000. */
const DELETION_BYTES = 1024 * 1024;
/** Free bytes that a checkpoint of rows needs at least. */
const MARGIN_BYTES = 8 * 1024 * 1024;
/** A query that began before the last commit prevents a checkpoint. No query takes longer. */
const LONGEST_QUERY_MS = 30_000;
const TRY_AGAIN_MS = 20;

interface Transaction {
  rows: number;
  bytes: number;
  /** Rows that the appender holds. */
  waitingRows: number;
  /** `performance.now()` of its begin. */
  readonly since: number;
}

/**
 * Writes rows to the database: first new columns, then the rows, into a transaction that stays open until it is full or
 * somebody commits it. A checkpoint writes committed rows to the file. After an error the file has to be opened anew.
 */
export class TableWriter {
  readonly #files: Files;
  readonly #onCheckpoint: (full: DiskFullError | undefined) => void;
  readonly #memoryBytes: number;
  readonly #filler = new ChunkFiller();
  /** Kept for the next transaction: only the garbage collector frees its memory. A new one after a change of columns. */
  #appender: DuckDBAppender | undefined;
  #transaction: Transaction | undefined;
  #unfoldedBytes = 0;
  /** All rows below are written; without an open transaction they are committed. */
  position: number;
  /** Why nothing is taken: the last checkpoint found no room on the disk. */
  full: DiskFullError | undefined;

  /**
   * @param position all rows of the database have a lower `_seq`
   * @param onCheckpoint told before each checkpoint whether the disk has room
   */
  constructor(files: Files, position: number, onCheckpoint: (full: DiskFullError | undefined) => void) {
    this.#files = files;
    this.#onCheckpoint = onCheckpoint;
    this.#memoryBytes = files.options.memoryMb * 1e6;
    this.position = position;
  }

  /** `performance.now()` of the begin of the open transaction; undefined when all rows are committed. */
  get openSince(): number | undefined {
    return this.#transaction?.since;
  }

  /**
   * Writes rows. They are committed when `commit` is called, or before.
   * @param firstSeq `_seq` of the first row
   * @param now milliseconds since the epoch
   * @param from the database has the rows before this one
   * @throws DuckDB's error, also about rows that were written before
   */
  async append(rows: RowBuffer, firstSeq: number, now: number, from = 0): Promise<void> {
    const { fields, connection, scopes } = this.#files;
    await this.#addColumns(rows, now);
    const ids = rows.groups.map(({ source }) => scopes.idOf(source));
    const pairs = fields.touch(rows, now);
    if (scopes.hasUnsaved || pairs.length > 0) {
      await this.#begin();
      await scopes.save(connection);
      await fields.savePairs(connection, pairs);
    }
    this.#filler.start(rows, fields, ids, firstSeq);
    for (let at = from; at < rows.rowCount; ) {
      if (this.#isFull) await this.commit();
      const transaction = await this.#begin();
      const { to, bytes } = this.#nextChunk(rows, at, transaction);
      await this.#saveLarge(rows, firstSeq, at, to);
      this.#appender ??= await appenderTo(connection, 'spans');
      this.#appender.appendDataChunk(this.#filler.chunk(at, to));
      transaction.rows += to - at;
      transaction.waitingRows += to - at;
      transaction.bytes += bytes;
      this.position = firstSeq + to;
      at = to;
      // A chunk takes some 15 ms. Queries and other requests have their turn between two.
      await nextTurn();
      if (transaction.waitingRows >= HANDED_OVER_ROWS) this.#handOver(transaction);
    }
  }

  /** Moves the position past rows that are not written. @throws DuckDB's error */
  async skip(position: number): Promise<void> {
    await this.#begin();
    this.position = position;
    await this.commit();
  }

  /** Makes the written rows visible, and writes them to the file when there are many. @throws DuckDB's error */
  async commit(): Promise<void> {
    const transaction = this.#transaction;
    if (transaction === undefined) return;
    const { connection, counts } = this.#files;
    this.#handOver(transaction);
    // In the transaction of the rows: a replay takes the missing rows and no others.
    await connection.run('UPDATE store_layout SET next_seq = $1', [BigInt(this.position)]);
    await connection.run('COMMIT');
    this.#transaction = undefined;
    this.#unfoldedBytes += transaction.bytes;
    // The journal counts as a part of the store.
    const most = Math.min(this.#memoryBytes * UNFOLDED_MEMORY, counts.cap / 10);
    if (this.#unfoldedBytes < most) return;
    await this.checkpoint(this.#unfoldedBytes < 2 * most).catch((error) => {
      // The rows are committed and in the journal. `full` refuses further rows.
      if (!(error instanceof DiskFullError)) throw error;
    });
  }

  /** Drops the appender: the table has other columns, or is closed. */
  forgetTable(): void {
    clearAppender(this.#appender);
    this.#appender = undefined;
  }

  /** To be called after the table was made anew, without rows. */
  emptied(): void {
    this.forgetTable();
    this.#unfoldedBytes = 0;
  }

  /**
   * Writes committed rows to the file and removes them from the journal. No transaction may be open.
   * @param canSkip whether another checkpoint follows soon: a query that is in the way is not waited for
   * @returns false when it was skipped
   * @throws DiskFullError before anything is written, DuckDB's error, the file system's error where the file was removed
   */
  async checkpoint(canSkip = false): Promise<boolean> {
    const { connection, journal } = this.#files;
    const wasFull = this.full !== undefined;
    this.full = (await this.#hasRoom()) ? undefined : new DiskFullError();
    this.#onCheckpoint(this.full);
    if (this.full !== undefined) throw this.full;
    const end = performance.now() + LONGEST_QUERY_MS;
    for (let isWritten = false; !isWritten; ) {
      try {
        await connection.run('CHECKPOINT');
        isWritten = true;
      } catch (error) {
        // After a full disk DuckDB (1.5) may have kept a transaction that it does not end.
        if (!says(error, 'prevented') || wasFull || performance.now() >= end) throw error;
        if (canSkip) return false;
        await sleep(TRY_AGAIN_MS);
      }
    }
    this.#unfoldedBytes = 0;
    await journal.forget(this.position);
    return true;
  }

  /**
   * Whether the disk has room for a checkpoint. After a checkpoint without room, DuckDB answers nothing until the file is
   * opened anew.
   */
  async #hasRoom(): Promise<boolean> {
    const { connection, counts, journal, options } = this.#files;
    const used = await usedBytes(connection);
    const onDisk = (await stat(join(options.directory, FILE_NAME))).size;
    const free = await freeBytes(options.directory);
    counts.fileBytes = used;
    counts.cap = capOn(onDisk + journal.bytes + free, options.maxBytes);
    // DuckDB writes the last row group anew.
    const rowGroupBytes = used * Math.min(1, options.rowGroupRows / Math.max(1, counts.rows));
    const rowBytes = this.#unfoldedBytes * WRITTEN_PER_BYTE + Math.max(MARGIN_BYTES, rowGroupBytes);
    const needed = this.#unfoldedBytes === 0 ? DELETION_BYTES : rowBytes;
    // Free blocks of the file are written first. A failed checkpoint leaves some at its end.
    return needed <= Math.max(0, onDisk - used) + free;
  }

  async #addColumns(rows: RowBuffer, now: number): Promise<void> {
    const { connection, fields } = this.#files;
    const missing = fields.missing(rows);
    if (missing.length === 0) return;
    await this.commit();
    this.forgetTable();
    await fields.add(connection, missing, now);
  }

  /** Saves messages that are too large for their rows. */
  async #saveLarge(rows: RowBuffer, firstSeq: number, from: number, to: number): Promise<void> {
    const large = [...rows.large].filter(([row]) => row >= from && row < to);
    const messages = large.map(([row, message]) => [firstSeq + row, message] as const);
    await saveParts(this.#files.connection, messages);
  }

  async #begin(): Promise<Transaction> {
    if (this.#transaction !== undefined) return this.#transaction;
    await this.#files.connection.run('BEGIN');
    this.#transaction = { rows: 0, bytes: 0, waitingRows: 0, since: performance.now() };
    return this.#transaction;
  }

  #handOver(transaction: Transaction): void {
    if (transaction.waitingRows > 0) this.#appender?.flushSync();
    transaction.waitingRows = 0;
  }

  get #isFull(): boolean {
    const { rows = 0, bytes = 0 } = this.#transaction ?? {};
    return rows >= this.#files.options.rowGroupRows || bytes >= this.#mostBytes;
  }

  /** What a transaction may take. */
  get #mostBytes(): number {
    const { counts, options } = this.#files;
    const most = this.#memoryBytes * COMMIT_MEMORY;
    return counts.cap < options.maxBytes ? Math.min(most, counts.cap / 10) : most;
  }

  /** The first row after the chunk that begins with row `from`, and what the chunk's rows take. */
  #nextChunk(rows: RowBuffer, from: number, transaction: Transaction) {
    const room = this.#files.options.rowGroupRows - transaction.rows;
    const end = Math.min(rows.rowCount, from + CHUNK_ROWS, from + room);
    const most = this.#mostBytes - transaction.bytes;
    const cells = this.#files.fields.columns.length * CELL_BYTES;
    let bytes = 0;
    let to = from;
    for (; to < end; to++) {
      const large = rows.large.size > 0 ? (rows.large.get(to)?.byteLength ?? 0) : 0;
      const more = (rows.weights[to] ?? 0) + large + cells;
      if (bytes + more > most && to > from) break;
      bytes += more;
    }
    return { to, bytes };
  }
}

/** The database has all rows of the journal below this `_seq`. */
export async function loadPosition(connection: DuckDBConnection): Promise<number> {
  const found = await connection.runAndReadAll('SELECT next_seq FROM store_layout');
  return Number(found.getRows()[0]?.[0] ?? 1);
}
