import { join } from 'node:path';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { yieldToEventLoop } from '../../../lib/node/task-queue.ts';
import { Failure, isRefused } from '../../failures.ts';
import { assertThere } from '../journal/identity.ts';
import type { Journal } from '../journal/journal.ts';
import type { Options } from '../options.ts';
import type { Batch } from '../rows/batch.ts';
import { Catalogue } from './catalogue.ts';
import { makeCheckpoint } from './checkpoint.ts';
import type { Counts } from './counts.ts';
import type { Database } from './database.ts';
import { appenderTo, appendRows, clearAppender, createTables, FILE_NAME } from './database.ts';
import { capOn, checkpointBytes, lookAtDisk } from './disk.ts';
import { ChunkFiller } from './fill.ts';
import { ScopeTable, saveParts } from './scopes.ts';
import { CHUNK_ROWS } from './vectors.ts';

/**
 * Share of DuckDB's memory for a transaction: its rows are uncompressed. Ordinary spans fill a whole row group first: DuckDB
 * compresses a whole one at the commit, and a smaller one again at each checkpoint.
 */
const COMMIT_MEMORY = 0.3;
/** Share of DuckDB's memory for committed rows before a checkpoint. A restart after a kill replays these rows. */
const UNFOLDED_MEMORY = 0.1;
/** Share of DuckDB's memory that only the writer's commits and checkpoints have, beyond the whole. */
const OWN_MEMORY = 0.15;
/** Least bytes of a row in each column, also without a value. */
const CELL_BYTES = 4;
/** Rows that the appender holds: handing them to DuckDB costs as much as a thousand rows, and stops the event loop meanwhile. */
const HANDED_OVER_ROWS = 8_192;

interface Transaction {
  rows: number;
  bytes: number;
  waitingRows: number; // that the appender holds
  /** `performance.now()` of the transaction's begin. */
  readonly since: number;
}

export interface TableOptions extends Options {
  /** Of the store's file, which a checkpoint writes. */
  readonly identity: string;
  readonly rowGroupRows: number;
  readonly journal: Pick<Journal, 'bytes' | 'forget'>;
  /** Called before each checkpoint, after a look at the disk. */
  readonly onCheckpoint: (table: SpanTable) => void;
}

/**
 * The table of all rows. A batch is appended to a transaction: first new columns, then the rows. The transaction stays open
 * until it is full or somebody commits it. A checkpoint writes committed rows to the file. After an error the file has to
 * be opened anew.
 */
export class SpanTable {
  /** For everything but readers. */
  readonly connection: DuckDBConnection;
  readonly catalogue: Catalogue;
  readonly scopes = new ScopeTable();
  readonly counts: Counts;
  /** All rows below this `_seq` are written; without an open transaction these rows are committed. */
  position: number;
  /** Why nothing is taken: the last checkpoint found no room on the disk. */
  full: Failure | undefined;
  readonly #database: Database;
  readonly #options: TableOptions;
  readonly #identity: string;
  readonly #memoryBytes: number;
  readonly #filler = new ChunkFiller();
  /** Kept for the next transaction: only the garbage collector frees its memory. A new one after a change of columns. */
  #appender: DuckDBAppender | undefined;
  #transaction: Transaction | undefined;
  #unfoldedBytes = 0;

  private constructor(
    database: Database,
    connection: DuckDBConnection,
    position: number,
    counts: Counts,
    options: TableOptions,
  ) {
    this.#database = database;
    this.connection = connection;
    this.#identity = options.identity;
    this.position = position;
    this.counts = counts;
    this.catalogue = new Catalogue(options.maxColumns);
    this.#options = options;
    this.#memoryBytes = options.memoryMb * 1e6;
  }

  /** Opens the table, or makes it. @throws Error when the file has tables of another version, DuckDB's error */
  static async open(database: Database, counts: Counts, options: TableOptions): Promise<SpanTable> {
    const connection = await database.connect();
    const table = new SpanTable(database, connection, await createTables(connection), counts, options);
    await table.catalogue.load(connection);
    await table.scopes.load(connection);
    await table.measure();
    return table;
  }

  /** `performance.now()` of the begin of the open transaction; undefined when all rows are committed. */
  get openSince(): number | undefined {
    return this.#transaction?.since;
  }

  /** Whether the file has more bytes than it may have, such as on a small disk. */
  get isTooLarge(): boolean {
    return this.counts.fileBytes > this.counts.cap;
  }

  /**
   * Writes the rows of a batch. The rows are committed when `commit` is called, or before.
   * @param from the database has the rows before this one
   * @throws DuckDB's error, also about rows that were written before
   */
  async append(batch: Batch, from = 0): Promise<void> {
    const { firstSeq, now } = batch;
    const { catalogue, connection, scopes } = this;
    const plan = catalogue.plan(batch);
    if (plan.missing.length > 0) {
      await this.commit();
      this.dropAppender();
      await catalogue.add(connection, plan.missing, now);
    }
    await this.#begin();
    const ids = await scopes.idsOf(connection, batch);
    const touched = catalogue.touch(plan, now);
    if (touched.length > 0) await appendRows(connection, 'dataset_fields', touched);
    const chunkOf = this.#filler.start(batch, plan, catalogue.columns, ids);
    for (let at = from; at < batch.rowCount; ) {
      if (this.#isFull) await this.commit();
      const transaction = await this.#begin();
      const { to, bytes } = this.#nextChunk(batch, at, transaction);
      await this.#saveLarge(batch, at, to);
      this.#appender ??= await appenderTo(connection, 'spans');
      this.#appender.appendDataChunk(chunkOf(at, to));
      transaction.rows += to - at;
      transaction.waitingRows += to - at;
      transaction.bytes += bytes;
      this.position = firstSeq + to;
      at = to;
      // A chunk takes some 15 ms. Queries and other requests have their turn between two.
      await yieldToEventLoop();
      if (transaction.waitingRows >= HANDED_OVER_ROWS) this.#handOver(transaction);
    }
    this.counts.add(batch);
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
    await this.#assertThere();
    this.#handOver(transaction);
    // In the transaction of the rows: a replay takes the missing rows and no others.
    await this.connection.run('UPDATE store_layout SET next_seq = $1', [BigInt(this.position)]);
    await this.#withOwnMemory('COMMIT');
    this.#transaction = undefined;
    this.#unfoldedBytes += transaction.bytes;
    // The journal counts as a part of the store.
    const most = Math.min(this.#memoryBytes * UNFOLDED_MEMORY, this.counts.cap / 10);
    if (this.#unfoldedBytes < most) return;
    await this.checkpoint(this.#unfoldedBytes < 2 * most).catch((error) => {
      // The rows are committed and in the journal. `full` refuses further rows.
      if (!isRefused(error, 'DISK_FULL')) throw error;
    });
  }

  /** Drops the appender: the table has other columns, or is closed. */
  dropAppender(): void {
    clearAppender(this.#appender);
    this.#appender = undefined;
  }

  /** To be called after the table was made anew, without rows. @throws DuckDB's error */
  async emptied(): Promise<void> {
    this.dropAppender();
    this.#unfoldedBytes = 0;
    await this.catalogue.load(this.connection);
  }

  /** Counts rows and bytes again, after a start or a deletion. @throws DuckDB's error */
  async measure(): Promise<void> {
    await this.counts.measure(this.connection, this.catalogue);
  }

  /**
   * Writes committed rows to the file, and lets the journal forget them. No transaction may be open.
   * @param canSkip whether another checkpoint follows soon: then a query in the way is not waited for
   * @returns false when it was skipped
   * @throws DISK_FULL before anything is written, STORE_GONE, DuckDB's error
   */
  async checkpoint(canSkip = false): Promise<boolean> {
    const wasFull = this.full !== undefined;
    this.full = (await this.#hasRoom()) ? undefined : new Failure('DISK_FULL');
    this.#options.onCheckpoint(this);
    if (this.full !== undefined) throw this.full;
    const write = () => this.#withOwnMemory('CHECKPOINT');
    // After a full disk DuckDB (1.5) may have kept a transaction that it does not end: that one is not waited for.
    if (wasFull) await write();
    else if (!(await makeCheckpoint(this.#database, write, canSkip))) return false;
    this.#unfoldedBytes = 0;
    await this.#assertThere();
    await this.#options.journal.forget(this.position);
    return true;
  }

  /** @throws STORE_GONE: rows for a file that was removed would be lost with it */
  #assertThere(): Promise<void> {
    return assertThere(join(this.#options.directory, FILE_NAME), this.#identity);
  }

  /** Runs a statement of the writer with more memory than readers may take: without it the file is opened anew. */
  async #withOwnMemory(sql: string): Promise<void> {
    const limit = (bytes: number) => this.connection.run(`SET GLOBAL memory_limit = '${Math.round(bytes)}B'`);
    await limit(this.#memoryBytes * (1 + OWN_MEMORY));
    try {
      await this.connection.run(sql);
    } finally {
      // Fails where readers have taken some of it by now: they keep it until the next statement of the writer.
      await limit(this.#memoryBytes).catch(() => {});
    }
  }

  /**
   * Whether the disk has room for a checkpoint. After a checkpoint without room, DuckDB answers nothing until the file is
   * opened anew.
   */
  async #hasRoom(): Promise<boolean> {
    const { counts } = this;
    const { directory, journal, maxBytes, rowGroupRows } = this.#options;
    const { used, onDisk, free } = await lookAtDisk(this.connection, directory, this.#identity);
    counts.fileBytes = used;
    counts.cap = capOn(onDisk + journal.bytes + free, maxBytes);
    // DuckDB writes the last row group anew.
    const rowGroupBytes = used * Math.min(1, rowGroupRows / Math.max(1, counts.rows));
    // Free blocks of the file are written first. A failed checkpoint leaves some at its end.
    return checkpointBytes(this.#unfoldedBytes, rowGroupBytes) <= Math.max(0, onDisk - used) + free;
  }

  /** Saves messages that are too large for their rows. */
  async #saveLarge({ large, firstSeq }: Batch, from: number, to: number): Promise<void> {
    const some = [...large].filter(([row]) => row >= from && row < to);
    await saveParts(
      this.connection,
      some.map(([row, message]) => [firstSeq + row, message] as const),
    );
  }

  async #begin(): Promise<Transaction> {
    if (this.#transaction !== undefined) return this.#transaction;
    await this.connection.run('BEGIN');
    this.#transaction = { rows: 0, bytes: 0, waitingRows: 0, since: performance.now() };
    return this.#transaction;
  }

  #handOver(transaction: Transaction): void {
    if (transaction.waitingRows > 0) this.#appender?.flushSync();
    transaction.waitingRows = 0;
  }

  get #isFull(): boolean {
    const { rows = 0, bytes = 0 } = this.#transaction ?? {};
    return rows >= this.#options.rowGroupRows || bytes >= this.#mostBytes;
  }

  /** Bytes that a transaction may take. */
  get #mostBytes(): number {
    return Math.min(this.#memoryBytes * COMMIT_MEMORY, this.counts.cap / 10);
  }

  /** The first row after the chunk that begins with row `from`, and the bytes of the chunk. */
  #nextChunk(batch: Batch, from: number, transaction: Transaction) {
    const room = this.#options.rowGroupRows - transaction.rows;
    const end = Math.min(batch.rowCount, from + CHUNK_ROWS, from + room);
    const most = this.#mostBytes - transaction.bytes;
    const cells = this.catalogue.columns.length * CELL_BYTES;
    let bytes = 0;
    let to = from;
    for (; to < end; to++) {
      const large = batch.large.size > 0 ? (batch.large.get(to)?.byteLength ?? 0) : 0;
      const more = (batch.weights[to] ?? 0) + large + cells;
      if (bytes + more > most && to > from) break;
      bytes += more;
    }
    return { to, bytes };
  }
}
