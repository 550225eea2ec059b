import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { nextTurn } from '../shared/next-turn.ts';
import { saveNewPairs } from './catalogue-table.ts';
import type { Filling } from './chunk-filler.ts';
import { ChunkFiller } from './chunk-filler.ts';
import { appenderTo } from './database.ts';
import { isGivenUp } from './errors.ts';
import type { FieldCatalogue } from './field-catalogue.ts';
import { savePosition } from './journal-position.ts';
import type { PartsTable } from './parts-schema.ts';
import type { Piece } from './parts-table.ts';
import { appendPieces, piecesOf } from './parts-table.ts';
import type { RowBuffer } from './row-buffer.ts';
import { applySchema } from './schema.ts';
import type { ScopeTable } from './scope-table.ts';
import { inTransaction } from './transaction.ts';
import { CHUNK_ROWS } from './vectors.ts';

/** Rows times columns of one transaction: DuckDB holds a transaction's rows uncompressed until it is as large as a row group. */
const TRANSACTION_CELLS = 4_000_000;
/** Bytes of a message that one transaction takes: what is larger is written in several, and others between them. */
const PIECE_BYTES = 16 * 1024 * 1024;

/**
 * Rows that wait in DuckDB's appender, and their bytes, before they are handed to the transaction: each time costs as much as
 * a thousand rows, and of more at once other requests would wait longer. While the transaction before is being committed,
 * so many of the next one are taken.
 */
const WAITING_ROWS = 8_192;
const WAITING_BYTES = 8 * 1024 * 1024;

export interface RowAppenderOptions {
  readonly connection: DuckDBConnection;
  readonly catalogue: FieldCatalogue;
  readonly scopes: ScopeTable;
  /** `_seq` that the rows of the database are below. */
  readonly nextSeq: number;
  /** Rows of a row group: of so many rows in one transaction, DuckDB writes them to the file at once, and compressed. */
  readonly rowGroupRows: number;
  /** Bytes of one transaction, for the memory's sake. */
  readonly transactionBytes: number;
  /** Awaited after columns changed, with the number of fields in them now. */
  readonly afterSchemaChange: (fields: number) => Promise<void>;
  /**
   * Resolves when no checkpoint runs; awaited before each transaction: until its end the appender would hold up the event
   * loop, and a table cannot be altered.
   */
  readonly noCheckpoint: () => Promise<void>;
  /** Told of each transaction that was committed: its rows, their bytes in the database, and the table's columns. */
  readonly onRows: (rows: number, bytes: number, columns: number) => void;
}

/** A transaction that rows are being written in. */
interface OpenTransaction {
  rows: number;
  bytes: number;
  /** `performance.now()` of its first row. */
  readonly since: number;
  /** Whether DuckDB knows of it: not before there is something to be handed over. */
  isBegun: boolean;
  /** Of its rows those that are in the appender only. */
  waitingRows: number;
  waitingBytes: number;
}

/**
 * Writes rows to the database: first the columns that they need, then they themselves, into a transaction that stays open
 * until it is as large as a row group or somebody commits it. While a full one is being committed, rows of the next one
 * are taken already. `_seq` is the caller's, and ascends.
 */
export class RowAppender {
  readonly #options: RowAppenderOptions;
  readonly #filler = new ChunkFiller();
  /**
   * Kept from one transaction to the next, as its memory is freed by the garbage collector only, which does not see
   * how much it is: 110 MB with 2,000 columns. A new one after a change of columns or a failure.
   */
  #appender: DuckDBAppender | undefined;
  #open: OpenTransaction | undefined;
  /** The commit that is under way; it never rejects. */
  #committing: Promise<void> | undefined;
  /** Why the last commit failed, until its rows are taken back. */
  #failure: { readonly error: unknown } | undefined;
  /** Written in the open transaction. */
  #savedScopes: ScopeTable['unsaved'][number][] = [];
  /** All rows below are in this transaction or an earlier one. */
  #position: number;
  #committed: number;

  constructor(options: RowAppenderOptions) {
    this.#options = options;
    this.#position = options.nextSeq;
    this.#committed = options.nextSeq;
  }

  /** All rows below are committed. */
  get committedSeq(): number {
    return this.#committed;
  }

  /** Rows that no commit has begun of yet, and since when; undefined when there are none. */
  get uncommitted(): Readonly<OpenTransaction> | undefined {
    return this.#open;
  }

  /** Whether rows are being committed, or could not be. */
  get isCommitting(): boolean {
    return this.#committing !== undefined || this.hasFailed;
  }

  /** Whether a commit that nobody waited for has failed. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** Why the last commit failed, where DuckDB is to be told nothing more after it: see isGivenUp. */
  get givenUp(): unknown {
    return isGivenUp(this.#failure?.error) ? this.#failure?.error : undefined;
  }

  /**
   * Writes what of large messages does not go with their rows, each piece in a transaction of its own; what of it stays
   * without a row is removed when the store is opened.
   * @param letOthers awaited after each
   * @param from the first row; those before are there already
   * @throws DuckDB's error
   */
  async writePieces(
    rows: RowBuffer,
    firstSeq: number,
    letOthers: () => Promise<void>,
    from = 0,
  ): Promise<void> {
    for (const [row, message] of rows.large) {
      if (row < from) continue;
      // The last piece goes with its row.
      for (const piece of piecesOf(firstSeq + row, message, PIECE_BYTES).slice(0, -1)) {
        await this.#writePiece('span_parts', piece);
        await letOthers();
      }
    }
  }

  /** The same after a failure or a restart, when some of it may be there. @throws DuckDB's error */
  async writePiecesAgain(rows: RowBuffer, firstSeq: number, from: number): Promise<void> {
    if (![...rows.large.values()].some((message) => message.byteLength > PIECE_BYTES)) return;
    await this.commit();
    await this.#options.noCheckpoint();
    await this.#options.connection.run(
      `DELETE FROM span_parts WHERE id >= ${firstSeq + from} AND id < ${firstSeq + rows.rowCount}`,
    );
    await this.writePieces(rows, firstSeq, async () => {}, from);
  }

  /**
   * Widens the columns that do not fit rows, so that `append` need not: each takes as long as its values in all of the table
   * are to write, a second for ten million.
   * @param letOthers awaited after each
   * @throws DuckDB's error
   */
  async widenColumns(rows: RowBuffer, letOthers: () => Promise<void>): Promise<void> {
    for (const change of this.#widened(rows)) {
      // Others may have widened it meanwhile.
      if (this.#options.catalogue.fields.get(change.field.name)?.type !== change.from) continue;
      await this.#changeColumns([change]);
      await letOthers();
    }
  }

  /** Whether `widenColumns` has nothing to do. */
  fitsColumns(rows: RowBuffer): boolean {
    return this.#widened(rows).length === 0;
  }

  /**
   * Writes rows; they are committed when `commit` is called, or before.
   * @param firstSeq `_seq` of the first row
   * @param now milliseconds since the epoch
   * @param from the first row to write, and the first after it to leave out
   * @throws DuckDB's error, also of rows that were written before; whoever calls it rolls back then
   */
  async append(rows: RowBuffer, firstSeq: number, now: number, from = 0, end = rows.rowCount): Promise<void> {
    const { catalogue, connection, scopes } = this.#options;
    const { unsaved } = scopes;
    // Looked up before the columns change: what is new is new to both.
    const changes = catalogue.plan(rows, now);
    const pairs = catalogue.newPairs(rows);
    if (changes.length > 0) await this.#changeColumns(changes);
    await this.#saveLargeScopes(unsaved);
    if (pairs.length > 0 || unsaved.length > 0) {
      await this.#begin();
      await saveNewPairs(connection, pairs, now);
      await scopes.save(connection, unsaved);
      scopes.saved(unsaved);
      this.#savedScopes.push(...unsaved);
    }
    const filling = this.#filler.start(rows, catalogue, firstSeq);
    // A filling goes from the first row to the last.
    for (let at = 0; at < from; at += CHUNK_ROWS) filling.chunk(at, Math.min(at + CHUNK_ROWS, from));
    for (let at = from; at < end; ) {
      const open = this.#openTransaction();
      const to = Math.min(end, this.#endOfChunk(rows, at, open));
      await this.#fill(filling, rows, firstSeq, at, to);
      this.#position = firstSeq + to;
      at = to;
      if (this.#isFull(open)) await this.#startCommit();
      else if (open.waitingRows >= WAITING_ROWS || open.waitingBytes >= WAITING_BYTES)
        this.#handOver(await this.#begin());
    }
    catalogue.touch(rows, now);
  }

  /** Moves the position past rows that are not written, in a transaction of its own. @throws DuckDB's error */
  async skip(position: number): Promise<void> {
    await this.commit();
    this.#openTransaction();
    this.#position = position;
    await this.commit();
  }

  /** Makes what was written visible. @throws DuckDB's error; whoever calls it rolls back then */
  async commit(): Promise<void> {
    if (this.#open !== undefined) await this.#startCommit();
    await this.#settled();
  }

  /** Takes back what is not committed. */
  async rollback(): Promise<void> {
    await this.#committing;
    const wasOpen = this.#open?.isBegun === true || this.hasFailed;
    this.#open = undefined;
    this.#failure = undefined;
    // What waits in it would be written by the garbage collector, whenever that frees it.
    this.#appender?.clear();
    this.#appender = undefined;
    this.#options.scopes.notSaved(this.#savedScopes);
    this.#savedScopes = [];
    // Fails where DuckDB ended the transaction itself; the error before it is the one that says why.
    if (wasOpen) await this.#options.connection.run('ROLLBACK').catch(() => {});
  }

  /** The table is another one from here on. */
  forgetTable(): void {
    this.#appender = undefined;
  }

  close(): void {
    this.#appender?.closeSync();
  }

  #widened(rows: RowBuffer): ReturnType<FieldCatalogue['plan']> {
    const changes = this.#options.catalogue.plan(rows, Date.now());
    return changes.filter(({ field, from }) => from !== undefined && !field.isInJson);
  }

  #openTransaction(): OpenTransaction {
    this.#open ??= {
      rows: 0,
      bytes: 0,
      since: performance.now(),
      isBegun: false,
      waitingRows: 0,
      waitingBytes: 0,
    };
    return this.#open;
  }

  /** Resolves when no commit is under way. @throws DuckDB's error when the last one failed */
  async #settled(): Promise<void> {
    await this.#committing;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #begin(): Promise<OpenTransaction> {
    const open = this.#openTransaction();
    if (!open.isBegun) {
      await this.#settled();
      await this.#options.noCheckpoint();
      await this.#options.connection.run('BEGIN');
      open.isBegun = true;
    }
    return open;
  }

  /** Hands the rows that wait to the transaction, as one statement of DuckDB. */
  #handOver(open: OpenTransaction): void {
    if (open.waitingRows > 0) this.#appender?.flushSync();
    open.waitingRows = 0;
    open.waitingBytes = 0;
  }

  /** Resolves when the commit has begun. */
  async #startCommit(): Promise<void> {
    const open = await this.#begin();
    this.#handOver(open);
    await savePosition(this.#options.connection, this.#position);
    this.#open = undefined;
    this.#committing = this.#finishCommit(open, this.#position);
  }

  async #finishCommit(open: OpenTransaction, position: number): Promise<void> {
    const { connection, catalogue, onRows } = this.#options;
    try {
      await connection.run('COMMIT');
      this.#savedScopes = [];
      this.#committed = position;
      onRows(open.rows, open.bytes, catalogue.columns.length);
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#committing = undefined;
    }
  }

  /** Writes rows from..to with what of them is too large for a row, and not written yet. */
  async #fill(filling: Filling, rows: RowBuffer, firstSeq: number, from: number, to: number): Promise<void> {
    const { connection } = this.#options;
    const pieces: Piece[] = [];
    for (let row = from; rows.large.size > 0 && row < to; row++) {
      const message = rows.large.get(row);
      // All but the last piece of several are there already: see writePieces.
      if (message !== undefined) pieces.push(...piecesOf(firstSeq + row, message, PIECE_BYTES).slice(-1));
    }
    if (pieces.length > 0) {
      await this.#begin();
      await appendPieces(connection, 'span_parts', pieces);
    }
    if (this.#appender === undefined) {
      await this.#settled();
      this.#appender = await appenderTo(connection, 'spans');
    }
    this.#appender.appendDataChunk(filling.chunk(from, to));
    const open = this.#openTransaction();
    const bytes = bytesOf(rows, from, to);
    open.rows += to - from;
    open.bytes += bytes;
    open.waitingRows += to - from;
    open.waitingBytes += bytes;
    // A chunk takes some 15 ms of this thread; queries and other requests get their turn between two.
    await nextTurn();
  }

  /** The first row that a chunk which begins with row `from` leaves to the next one. */
  #endOfChunk(rows: RowBuffer, from: number, open: OpenTransaction): number {
    const end = Math.min(rows.rowCount, from + CHUNK_ROWS, from + this.#transactionRows() - open.rows);
    let { bytes } = open;
    let to = from;
    for (; to < end; to++) {
      bytes += bytesOf(rows, to, to + 1);
      if (bytes > this.#options.transactionBytes && to > from) break;
    }
    return to;
  }

  #isFull({ rows, bytes }: OpenTransaction): boolean {
    return rows >= this.#transactionRows() || bytes >= this.#options.transactionBytes;
  }

  /** A row group at most, and few enough for the memory. */
  #transactionRows(): number {
    const { rowGroupRows, catalogue } = this.#options;
    const few = Math.max(CHUNK_ROWS / 4, Math.floor(TRANSACTION_CELLS / catalogue.columns.length));
    return Math.min(rowGroupRows, few);
  }

  async #saveLargeScopes(scopes: ScopeTable['unsaved']): Promise<void> {
    const { connection } = this.#options;
    for (const { table, id, pieces } of this.#options.scopes.pieces(scopes, PIECE_BYTES)) {
      await this.commit();
      await this.#options.noCheckpoint();
      await connection.run(`DELETE FROM ${table} WHERE id = $1`, [id]);
      for (const piece of pieces) await this.#writePiece(table, piece);
    }
  }

  async #writePiece(table: PartsTable, piece: Piece): Promise<void> {
    const { connection, noCheckpoint, catalogue, onRows } = this.#options;
    await this.commit();
    await noCheckpoint();
    await inTransaction(connection, () => appendPieces(connection, table, [piece]));
    onRows(0, piece.bytes.byteLength, catalogue.columns.length);
  }

  async #changeColumns(changes: ReturnType<FieldCatalogue['plan']>): Promise<void> {
    const { connection, catalogue, noCheckpoint, afterSchemaChange } = this.#options;
    await this.commit();
    await noCheckpoint();
    this.#appender = undefined;
    await applySchema(connection, catalogue, changes);
    await afterSchemaChange(catalogue.inColumnsCount);
  }
}

/** What rows from..to take in the database. */
function bytesOf(rows: RowBuffer, from: number, to: number): number {
  let bytes = 0;
  for (let row = from; row < to; row++) {
    bytes += (rows.weights[row] ?? 0) + (rows.large.size > 0 ? (rows.large.get(row)?.byteLength ?? 0) : 0);
  }
  return bytes;
}
