import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { nextTurn } from '../shared/turns.ts';
import { appenderTo, clearAppender, FILE_NAME, freeBytes, usedBytes } from './database.ts';
import { DiskFullError } from './errors.ts';
import { ChunkFiller } from './fill.ts';
import type { RowBuffer } from './rows.ts';
import { saveParts } from './scopes.ts';
import type { Files } from './store-file.ts';
import { CHUNK_ROWS } from './vectors.ts';

/** Share of DuckDB's memory for a transaction: its rows are uncompressed. */
const COMMIT_MEMORY = 0.25;
/** The same for committed rows that no checkpoint has written to the file. A restart after a kill replays these rows. */
const UNFOLDED_MEMORY = 0.2;
/** What a row takes in each column at least, also without a value. */
const CELL_BYTES = 4;
/** Rows that the appender holds: handing them to DuckDB costs as much as a thousand rows, and stops the event loop meanwhile. */
const HANDED_OVER_ROWS = 8_192;
/** Free bytes that a checkpoint needs for each byte of rows. One checkpoint of 8 MB of large spans filled 29 MB of free disk; why is not known. */
const WRITTEN_PER_BYTE = 3;
/** Free bytes that a checkpoint of deletions needs: 0.1 MiB was enough for 11,200 spans of 28,000. */
const DELETION_BYTES = 1024 * 1024;
/** Free bytes that a checkpoint of rows needs at least. */
const MARGIN_BYTES = 8 * 1024 * 1024;

/** The disk, as a checkpoint finds it. */
export interface Room {
  /** Bytes of the file that are in use. */
  readonly used: number;
  /** Bytes that the checkpoint needs beyond the free ones. */
  readonly missing: number;
  /** Whether the store would take more than its cap: eviction can make room. */
  readonly isOverCap: boolean;
}

/**
 * Writes rows to the database: first new columns, then the rows, into a transaction that stays open until it is full or
 * somebody commits it. Rows of the next transaction are taken while a full one is being committed. A checkpoint writes
 * committed rows to the file. After an error the file has to be opened anew.
 */
export class TableWriter {
  readonly #files: Files;
  /** For checkpoints: reads go on beside them. */
  readonly #checkpointing: DuckDBConnection;
  readonly #onCheckpoint: (error: unknown) => void;
  readonly #memoryBytes: number;
  readonly #filler = new ChunkFiller();
  /** Kept for the next transaction: only the garbage collector frees its memory. A new one after a change of columns. */
  #appender: DuckDBAppender | undefined;
  #open = { rows: 0, bytes: 0, waitingRows: 0, since: 0, isBegun: false };
  #committing: Promise<void> = Promise.resolve();
  /** All rows below are in this transaction or an earlier one. */
  #position: number;
  #committed: number;
  #unfoldedBytes = 0;
  #checkpoint: Promise<void> | undefined;
  /** Why nothing is taken: the last checkpoint found no room on the disk. */
  full: DiskFullError | undefined;
  /** Whether the last checkpoint found that eviction can make room. */
  isOverCap = false;

  /**
   * @param position all rows of the database have a lower `_seq`
   * @param onCheckpoint told how each checkpoint ended that nobody waits for
   */
  constructor(
    files: Files,
    position: number,
    checkpointing: DuckDBConnection,
    onCheckpoint: (error: unknown) => void,
  ) {
    this.#files = files;
    this.#checkpointing = checkpointing;
    this.#onCheckpoint = onCheckpoint;
    this.#memoryBytes = files.options.memoryMb * 1e6;
    this.#position = position;
    this.#committed = position;
  }

  /** All rows below are committed. */
  get committedSeq(): number {
    return this.#committed;
  }

  /** Whether all rows are committed. */
  get isCommitted(): boolean {
    return this.#committed === this.#position;
  }

  /** `performance.now()` of the first row of the open transaction; undefined without one. */
  get openSince(): number | undefined {
    return this.#open.rows > 0 ? this.#open.since : undefined;
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
    const filling = this.#filler.start(rows, fields, ids, firstSeq);
    for (let at = from; at < rows.rowCount; ) {
      const { to, bytes } = this.#nextChunk(rows, at);
      await this.#saveLarge(rows, firstSeq, at, to);
      if (this.#appender === undefined) {
        await this.#committing;
        this.#appender = await appenderTo(connection, 'spans');
      }
      this.#appender.appendDataChunk(filling.chunk(at, to));
      const open = this.#open;
      if (open.rows === 0) open.since = performance.now();
      open.rows += to - at;
      open.waitingRows += to - at;
      open.bytes += bytes;
      this.#position = firstSeq + to;
      at = to;
      // A chunk takes some 15 ms. Queries and other requests have their turn between two.
      await nextTurn();
      if (open.rows >= this.#files.options.rowGroupRows || open.bytes >= this.#memoryBytes * COMMIT_MEMORY)
        await this.beginCommit();
      else if (open.waitingRows >= HANDED_OVER_ROWS) {
        await this.#begin();
        this.#handOver();
      }
    }
  }

  /** Moves the position past rows that are not written. @throws DuckDB's error */
  async skip(position: number): Promise<void> {
    await this.commit();
    this.#position = position;
    await this.beginCommit();
    await this.#committing;
  }

  /** Makes the written rows visible. @throws DuckDB's error */
  async commit(): Promise<void> {
    if (this.#open.rows > 0) await this.beginCommit();
    await this.#committing;
  }

  /** Drops the appender: the table is another one, or is closed. */
  forgetTable(): void {
    clearAppender(this.#appender);
    this.#appender = undefined;
  }

  /**
   * Writes committed rows to the file and removes them from the journal. No transaction may be open.
   * @throws DuckDB's error, DiskFullError, the file system's error where the file was removed
   */
  async checkpoint(): Promise<void> {
    await this.idle();
    await this.#startCheckpoint();
  }

  /** Resolves when no checkpoint runs. */
  async idle(): Promise<void> {
    await this.#checkpoint?.catch(() => {});
  }

  /**
   * Whether a checkpoint has room. To be asked before: after a checkpoint without room, DuckDB answers nothing until the file
   * is opened anew.
   * @param rowBytes bytes of rows that are not in the file yet
   */
  async room(connection: DuckDBConnection, rowBytes: number): Promise<Room> {
    const { options, counts, journal } = this.#files;
    const used = await usedBytes(connection);
    // DuckDB writes the last row group anew.
    const rowGroupBytes = used * Math.min(1, options.rowGroupRows / Math.max(1, counts.rows));
    const needed =
      rowBytes === 0 ? DELETION_BYTES : rowBytes + Math.max(MARGIN_BYTES, rowGroupBytes + DELETION_BYTES);
    // A failed checkpoint leaves blocks at the file's end that DuckDB does not count as its own.
    const onDisk = (await stat(join(options.directory, FILE_NAME))).size;
    const missing = needed - Math.max(0, onDisk - used) - (await freeBytes(options.directory));
    return { used, missing, isOverCap: used + journal.bytes + needed > options.maxBytes };
  }

  #startCheckpoint(): Promise<void> {
    this.#checkpoint ??= this.#fold().finally(() => {
      this.#checkpoint = undefined;
    });
    return this.#checkpoint;
  }

  async #fold(): Promise<void> {
    const { journal, counts } = this.#files;
    const seq = this.#committed;
    const bytes = this.#unfoldedBytes;
    const room = await this.room(this.#checkpointing, counts.rows === 0 ? 0 : bytes * WRITTEN_PER_BYTE);
    this.full = room.missing > 0 ? new DiskFullError() : undefined;
    this.isOverCap = room.isOverCap;
    if (this.full !== undefined) throw this.full;
    await this.#checkpointing.run('CHECKPOINT');
    this.#unfoldedBytes -= bytes;
    await journal.forget(seq);
  }

  async #addColumns(rows: RowBuffer, now: number): Promise<void> {
    const { connection, fields } = this.#files;
    const missing = fields.missing(rows);
    if (missing.length === 0) return;
    await this.commit();
    await this.idle();
    this.forgetTable();
    await fields.add(connection, missing, now);
  }

  /** Saves messages that are too large for their rows. */
  async #saveLarge(rows: RowBuffer, firstSeq: number, from: number, to: number): Promise<void> {
    const large = [...rows.large].filter(([row]) => row >= from && row < to);
    if (large.length === 0) return;
    await this.#begin();
    await saveParts(
      this.#files.connection,
      large.map(([row, message]) => [firstSeq + row, message]),
    );
  }

  /** Begins the transaction. Not beside a checkpoint: the appender would stop the event loop. */
  async #begin(): Promise<void> {
    if (this.#open.isBegun) return;
    await this.#committing;
    await this.idle();
    await this.#files.connection.run('BEGIN');
    this.#open.isBegun = true;
  }

  #handOver(): void {
    if (this.#open.waitingRows > 0) this.#appender?.flushSync();
    this.#open.waitingRows = 0;
  }

  /** Resolves when the commit has begun. The next write or commit throws its error. */
  async beginCommit(): Promise<void> {
    const { connection } = this.#files;
    await this.#begin();
    this.#handOver();
    const position = this.#position;
    const { bytes } = this.#open;
    // In the transaction of the rows: a replay takes the missing rows and no others.
    await connection.run('UPDATE store_layout SET next_seq = $1', [BigInt(position)]);
    this.#open = { rows: 0, bytes: 0, waitingRows: 0, since: 0, isBegun: false };
    this.#committing = connection.run('COMMIT').then(() => {
      this.#committed = position;
      this.#foldIfDue(bytes);
    });
    this.#committing.catch(() => {});
  }

  #foldIfDue(bytes: number): void {
    this.#unfoldedBytes += bytes;
    // The journal counts as a part of the store.
    const most = Math.min(this.#memoryBytes * UNFOLDED_MEMORY, this.#files.options.maxBytes / 10);
    if (this.#unfoldedBytes < most || this.#checkpoint !== undefined) return;
    this.#startCheckpoint().then(() => this.#onCheckpoint(undefined), this.#onCheckpoint);
  }

  /** The first row after the chunk that begins with row `from`, and what the chunk's rows take. */
  #nextChunk(rows: RowBuffer, from: number): { readonly to: number; readonly bytes: number } {
    const room = this.#files.options.rowGroupRows - this.#open.rows;
    const end = Math.min(rows.rowCount, from + CHUNK_ROWS, from + room);
    const most = this.#memoryBytes * COMMIT_MEMORY - this.#open.bytes;
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
