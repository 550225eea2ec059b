import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { nextTurn } from '../shared/next-turn.ts';
import { appenderTo, clearAppender, limitMemory, savePosition } from './database.ts';
import type { Fields } from './fields.ts';
import { saveDatasetFields } from './fields.ts';
import { ChunkFiller } from './fill.ts';
import type { RowBuffer } from './rows.ts';
import type { ScopeTable } from './scopes.ts';
import { saveParts, saveScopes } from './scopes.ts';
import { CHUNK_ROWS } from './vectors.ts';

/** Share of DuckDB's memory that a transaction takes: its rows are uncompressed until there are as many as a row group has. */
const COMMIT_MEMORY = 0.25;
/** What a row takes in each column at least, also without a value. */
const CELL_BYTES = 4;
/**
 * Rows that wait in DuckDB's appender before they are handed to the transaction: each time costs as much as a thousand
 * rows, and of more at once other requests would wait longer.
 */
const HANDED_OVER_ROWS = 8_192;

export interface TableWriterOptions {
  readonly connection: DuckDBConnection;
  readonly fields: Fields;
  readonly scopes: ScopeTable;
  /** `_seq` that the rows of the database are below. */
  readonly position: number;
  /** Rows of a row group: of exactly so many rows in one transaction, DuckDB writes them to the file at once, and compressed. */
  readonly rowGroupRows: number;
  readonly memoryMb: number;
  /** Resolves when no checkpoint runs: beside one, the appender would hold up the event loop, and no table can be altered. */
  readonly noCheckpoint: () => Promise<void>;
  /** Told of each transaction that was committed: what its rows take in memory until the next checkpoint. */
  readonly onCommitted: (bytes: number) => void;
}

/**
 * Writes rows to the database: first the columns that they need, then they themselves, into a transaction that stays open
 * until it is full or somebody commits it. While a full one is being committed, rows of the next one are taken. After an
 * error the file has to be opened anew.
 */
export class TableWriter {
  readonly #options: TableWriterOptions;
  readonly #commitBytes: number;
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

  constructor(options: TableWriterOptions) {
    this.#options = options;
    this.#commitBytes = options.memoryMb * 1e6 * COMMIT_MEMORY;
    this.#position = options.position;
    this.#committed = options.position;
  }

  /** All rows below are committed. */
  get committedSeq(): number {
    return this.#committed;
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
    const { fields, connection, scopes } = this.#options;
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
    // A filling goes from the first row to the last.
    for (let at = 0; at < from; at += CHUNK_ROWS) filling.chunk(at, Math.min(at + CHUNK_ROWS, from));
    for (let at = from; at < rows.rowCount; ) {
      const to = this.#endOfChunk(rows, at);
      await this.#saveLarge(rows, firstSeq, at, to);
      if (this.#appender === undefined) {
        await this.#committing;
        this.#appender = await appenderTo(connection, 'spans');
      }
      this.#appender.appendDataChunk(filling.chunk(at, to));
      this.#count(rows, at, to);
      this.#position = firstSeq + to;
      at = to;
      // A chunk takes some 15 ms of this thread; queries and other requests get their turn between two.
      await nextTurn();
      if (this.#isFull()) await this.#startCommit();
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
    await this.#startCommit();
    await this.#committing;
  }

  /** Makes what was written visible. @throws DuckDB's error */
  async commit(): Promise<void> {
    if (this.#open.rows > 0) await this.#startCommit();
    await this.#committing;
  }

  /** The table is another one from here on, or is let go of. */
  forgetTable(): void {
    clearAppender(this.#appender);
    this.#appender = undefined;
  }

  async #addColumns(rows: RowBuffer, now: number): Promise<void> {
    const { connection, fields, memoryMb, noCheckpoint } = this.#options;
    const missing = fields.missing(rows, now);
    if (missing.length === 0) return;
    await this.commit();
    await noCheckpoint();
    this.forgetTable();
    await fields.add(connection, missing);
    await limitMemory(connection, memoryMb, fields.columns.length);
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
    await saveParts(this.#options.connection, large);
  }

  /** Begins the transaction, unless DuckDB knows of it already. */
  async #begin(): Promise<void> {
    if (this.#open.isBegun) return;
    await this.#committing;
    await this.#options.noCheckpoint();
    await this.#options.connection.run('BEGIN');
    this.#open.isBegun = true;
  }

  /** Hands the rows that wait to the transaction, as one statement of DuckDB. */
  #handOver(): void {
    if (this.#open.waitingRows > 0) this.#appender?.flushSync();
    this.#open.waitingRows = 0;
  }

  /** Resolves when the commit has begun. */
  async #startCommit(): Promise<void> {
    const { connection, onCommitted } = this.#options;
    await this.#begin();
    this.#handOver();
    const position = this.#position;
    const { bytes } = this.#open;
    await savePosition(connection, position);
    this.#open = { rows: 0, bytes: 0, waitingRows: 0, since: 0, isBegun: false };
    this.#committing = connection.run('COMMIT').then(() => {
      this.#committed = position;
      onCommitted(bytes);
    });
    // Whoever writes or commits next hears of its failure.
    this.#committing.catch(() => {});
  }

  /** The first row that a chunk which begins with row `from` leaves to the next one. */
  #endOfChunk(rows: RowBuffer, from: number): number {
    const room = this.#options.rowGroupRows - this.#open.rows;
    const end = Math.min(rows.rowCount, from + CHUNK_ROWS, from + room);
    let bytes = this.#open.bytes;
    let to = from;
    for (; to < end; to++) {
      bytes += this.#bytesOf(rows, to);
      if (bytes > this.#commitBytes && to > from) break;
    }
    return to;
  }

  #count(rows: RowBuffer, from: number, to: number): void {
    const open = this.#open;
    if (open.rows === 0) open.since = performance.now();
    open.rows += to - from;
    open.waitingRows += to - from;
    for (let row = from; row < to; row++) open.bytes += this.#bytesOf(rows, row);
  }

  #isFull(): boolean {
    return this.#open.rows >= this.#options.rowGroupRows || this.#open.bytes >= this.#commitBytes;
  }

  #bytesOf(rows: RowBuffer, row: number): number {
    const large = rows.large.size > 0 ? (rows.large.get(row)?.byteLength ?? 0) : 0;
    return (rows.weights[row] ?? 0) + large + this.#options.fields.columns.length * CELL_BYTES;
  }
}
