import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { nextTurn } from '../shared/turns.ts';
import {
  appenderTo,
  clearAppender,
  FILE_NAME,
  freeBytes,
  limitMemory,
  MARGIN_BYTES,
  usedBytes,
} from './database.ts';
import { DiskFullError } from './errors.ts';
import { saveDatasetFields } from './fields.ts';
import { ChunkFiller } from './fill.ts';
import type { RowBuffer } from './rows.ts';
import { saveParts, saveScopes } from './scopes.ts';
import type { Files } from './store-file.ts';
import { CHUNK_ROWS } from './vectors.ts';

/** Share of DuckDB's memory that a transaction takes: its rows are uncompressed until there are as many as a row group has. */
const COMMIT_MEMORY = 0.25;
/**
 * The same of committed rows that no checkpoint has folded into the file. Until then they are uncompressed, and a restart after
 * a kill replays them.
 */
const UNFOLDED_MEMORY = 0.2;
/** What a row takes in each column at least, also without a value. */
const CELL_BYTES = 4;
/**
 * Rows that wait in DuckDB's appender before they are handed to the transaction: each time costs as much as a thousand
 * rows, and of more at once other requests would wait longer.
 */
const HANDED_OVER_ROWS = 8_192;
/** What a checkpoint may write for each byte of rows: parts of large spans, of row groups that are not full, go to disk twice. */
const WRITTEN_PER_BYTE = 3;
/** What a checkpoint writes that has only deletions to write: 0.1 MiB was enough for 11,200 spans of 28,000. */
const DELETION_BYTES = 1024 * 1024;

/** What a checkpoint may write, and how much of it has no room. */
export interface Room {
  /** Bytes of the file that are in use. */
  readonly used: number;
  /** Share of the file that DuckDB writes anew: the row group that rows are added to. */
  readonly rowGroupShare: number;
  readonly missing: number;
  /** Whether the store would take more than its cap of the disk: eviction can make room. */
  readonly isOverCap: boolean;
}

/**
 * Writes rows to the database: first the columns that they need, then they themselves, into a transaction that stays open
 * until it is full or somebody commits it. While a full one is being committed, rows of the next one are taken. Checkpoints
 * fold what is committed into the file. After an error the file has to be opened anew.
 */
export class TableWriter {
  readonly #files: Files;
  /** Of checkpoints: reads go on beside them. */
  readonly #checkpointing: DuckDBConnection;
  readonly #onCheckpoint: (error: unknown) => void;
  readonly #memoryBytes: number;
  readonly #filler = new ChunkFiller();
  /**
   * Kept from one transaction to the next, as its memory is freed by the garbage collector only, which does not see
   * how much it is. A new one after a change of columns.
   */
  #appender: DuckDBAppender | undefined;
  #open = { rows: 0, bytes: 0, waitingRows: 0, since: 0, isBegun: false };
  #committing: Promise<void> = Promise.resolve();
  /** All rows below are in this transaction or an earlier one. */
  #position: number;
  #committed: number;
  #unfoldedBytes = 0;
  #checkpoint: Promise<void> | undefined;
  /** Why nothing is to be taken: what is in the journal cannot be folded into the file, and is in memory until then. */
  full: DiskFullError | undefined;
  /** Whether there is no room because the store takes too much of the disk. */
  isOverCap = false;

  /**
   * @param position `_seq` that the rows of the database are below
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

  /** Whether all rows that were written are. */
  get isCommitted(): boolean {
    return this.#committed === this.#position;
  }

  /** `performance.now()` of the first row that no commit has begun of; undefined when there is none. */
  get openSince(): number | undefined {
    return this.#open.rows > 0 ? this.#open.since : undefined;
  }

  /**
   * Writes rows; they are committed when `commit` is called, or before.
   * @param firstSeq `_seq` of the first row
   * @param now milliseconds since the epoch
   * @param from rows before it are in the database
   * @throws DuckDB's error, also of rows that were written before
   */
  async append(rows: RowBuffer, firstSeq: number, now: number, from = 0): Promise<void> {
    const { fields, connection, scopes } = this.#files;
    await this.#addColumns(rows, now);
    const ids = rows.groups.map(({ source }) => scopes.idOf(source));
    const unsaved = scopes.takeUnsaved();
    const pairs = fields.touch(rows, now);
    if (unsaved.length > 0 || pairs.length > 0) {
      await this.#begin();
      await saveScopes(connection, unsaved);
      await saveDatasetFields(connection, pairs);
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
      this.#count(to - at, bytes);
      this.#position = firstSeq + to;
      at = to;
      // A chunk takes some 15 ms of this thread; queries and other requests get their turn between two.
      await nextTurn();
      if (this.#isFull()) await this.beginCommit();
      else if (this.#open.waitingRows >= HANDED_OVER_ROWS) {
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

  /** Makes what was written visible. @throws DuckDB's error */
  async commit(): Promise<void> {
    if (this.#open.rows > 0) await this.beginCommit();
    await this.#committing;
  }

  /** The table is another one from here on, or is let go of. */
  forgetTable(): void {
    clearAppender(this.#appender);
    this.#appender = undefined;
  }

  /**
   * Folds what is committed into the file, and removes it from the journal, after the checkpoint that runs. No transaction
   * may be open. @throws DuckDB's error, DiskFullError, the file system's error where the file was removed
   */
  async checkpoint(): Promise<void> {
    await this.idle();
    await this.#startCheckpoint();
  }

  /** Resolves when no checkpoint runs, however the last one ended. */
  async idle(): Promise<void> {
    await this.#checkpoint?.catch(() => {});
  }

  /**
   * Whether a checkpoint has room, to be known before it begins: after one that has none, DuckDB answers no statement any
   * more until the file is opened anew.
   * @param rowBytes what it may write for rows that are not in the file yet
   */
  async room(connection: DuckDBConnection, rowBytes: number): Promise<Room> {
    const { options, contents, journal } = this.#files;
    const used = await usedBytes(connection);
    const rowGroupShare = Math.min(1, options.rowGroupRows / Math.max(1, contents.rows));
    const needed =
      rowBytes === 0
        ? DELETION_BYTES
        : rowBytes + Math.max(MARGIN_BYTES, used * rowGroupShare + DELETION_BYTES);
    // Blocks that a failed checkpoint left at the file's end are in no list of DuckDB's.
    const onDisk = (await stat(join(options.directory, FILE_NAME))).size;
    const missing = needed - Math.max(0, onDisk - used) - (await freeBytes(options.directory));
    return { used, rowGroupShare, missing, isOverCap: used + journal.bytes + needed > options.maxBytes };
  }

  #startCheckpoint(): Promise<void> {
    this.#checkpoint ??= this.#fold().finally(() => {
      this.#checkpoint = undefined;
    });
    return this.#checkpoint;
  }

  async #fold(): Promise<void> {
    const { journal, contents } = this.#files;
    const seq = this.#committed;
    const bytes = this.#unfoldedBytes;
    const room = await this.room(this.#checkpointing, contents.rows === 0 ? 0 : bytes * WRITTEN_PER_BYTE);
    this.full = room.missing > 0 ? new DiskFullError() : undefined;
    this.isOverCap = room.isOverCap;
    if (this.full !== undefined) throw this.full;
    await this.#checkpointing.run('CHECKPOINT');
    this.#unfoldedBytes -= bytes;
    await journal.forget(seq);
  }

  async #addColumns(rows: RowBuffer, now: number): Promise<void> {
    const { connection, fields, options } = this.#files;
    const missing = fields.missing(rows);
    if (missing.length === 0) return;
    await this.commit();
    await this.idle();
    this.forgetTable();
    await fields.add(connection, missing, now);
    await limitMemory(connection, options.memoryMb, fields.columns.length);
  }

  /** Messages that are too large for their rows. */
  async #saveLarge(rows: RowBuffer, firstSeq: number, from: number, to: number): Promise<void> {
    const large: (readonly [number, Uint8Array])[] = [];
    for (let row = from; rows.large.size > 0 && row < to; row++) {
      const message = rows.large.get(row);
      if (message !== undefined) large.push([firstSeq + row, message]);
    }
    if (large.length === 0) return;
    await this.#begin();
    await saveParts(this.#files.connection, large);
  }

  /**
   * Begins the transaction, unless DuckDB knows of it already. Not beside a checkpoint: the appender would hold up the event
   * loop.
   */
  async #begin(): Promise<void> {
    if (this.#open.isBegun) return;
    await this.#committing;
    await this.idle();
    await this.#files.connection.run('BEGIN');
    this.#open.isBegun = true;
  }

  /** Hands the rows that wait to the transaction, as one statement of DuckDB. */
  #handOver(): void {
    if (this.#open.waitingRows > 0) this.#appender?.flushSync();
    this.#open.waitingRows = 0;
  }

  /** Resolves when the commit has begun; whoever writes or commits next hears of its failure. */
  async beginCommit(): Promise<void> {
    const { connection } = this.#files;
    await this.#begin();
    this.#handOver();
    const position = this.#position;
    const { bytes } = this.#open;
    await savePosition(connection, position);
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

  /** The chunk that begins with row `from`: the first row that it leaves to the next one, and what its rows take. */
  #nextChunk(rows: RowBuffer, from: number): { readonly to: number; readonly bytes: number } {
    const room = this.#files.options.rowGroupRows - this.#open.rows;
    const end = Math.min(rows.rowCount, from + CHUNK_ROWS, from + room);
    const most = this.#memoryBytes * COMMIT_MEMORY - this.#open.bytes;
    let bytes = 0;
    let to = from;
    for (; to < end; to++) {
      const more = this.#bytesOf(rows, to);
      if (bytes + more > most && to > from) break;
      bytes += more;
    }
    return { to, bytes };
  }

  #count(rows: number, bytes: number): void {
    const open = this.#open;
    if (open.rows === 0) open.since = performance.now();
    open.rows += rows;
    open.waitingRows += rows;
    open.bytes += bytes;
  }

  #isFull(): boolean {
    const { rows, bytes } = this.#open;
    return rows >= this.#files.options.rowGroupRows || bytes >= this.#memoryBytes * COMMIT_MEMORY;
  }

  #bytesOf(rows: RowBuffer, row: number): number {
    const large = rows.large.size > 0 ? (rows.large.get(row)?.byteLength ?? 0) : 0;
    return (rows.weights[row] ?? 0) + large + this.#files.fields.columns.length * CELL_BYTES;
  }
}

/** Up to where the database has what is in the journal: the `_seq` that all its rows are below. */
export async function loadPosition(connection: DuckDBConnection): Promise<number> {
  const found = await connection.runAndReadAll('SELECT next_seq FROM store_layout');
  return Number(found.getRows()[0]?.[0] ?? 1);
}

/** Moves the position, inside the transaction of the rows: a replay takes what is missing and nothing else. */
async function savePosition(connection: DuckDBConnection, nextSeq: number): Promise<void> {
  await connection.run('UPDATE store_layout SET next_seq = $1', [BigInt(nextSeq)]);
}
