import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { nextTurn } from '../shared/next-turn.ts';
import { saveNewPairs } from './catalogue-table.ts';
import type { Filling } from './chunk-filler.ts';
import { ChunkFiller } from './chunk-filler.ts';
import { appenderTo } from './database.ts';
import type { FieldCatalogue } from './field-catalogue.ts';
import type { PartsTable } from './parts-schema.ts';
import type { Piece } from './parts-table.ts';
import { appendPieces, piecesOf } from './parts-table.ts';
import type { RowBuffer } from './row-buffer.ts';
import { applySchema } from './schema.ts';
import type { ScopeTable } from './scope-table.ts';
import { inTransaction } from './transaction.ts';
import { CHUNK_ROWS } from './vectors.ts';

/** Rows times columns of one transaction: DuckDB holds a transaction's rows uncompressed, some of them twice. */
const TRANSACTION_CELLS = 1_000_000;
/** Bytes of one transaction, for the same reason; and no chunk of the log, which is read as a whole, is larger. */
const TRANSACTION_BYTES = 16 * 1024 * 1024;

/**
 * Rows of others that may be written while the pieces of a large message are. Their numbers are kept for them, as `_seq`
 * follows the order of commits, which readers of what is new rely on; those that nobody took stay unused.
 */
const ROWS_BETWEEN = 4_096;

export interface RowAppenderOptions {
  readonly connection: DuckDBConnection;
  readonly catalogue: FieldCatalogue;
  readonly scopes: ScopeTable;
  /** `_seq` of the first row. */
  readonly nextSeq: number;
  /** Awaited after columns changed, with the number there are now. */
  readonly afterSchemaChange: (columns: number) => Promise<void>;
  /**
   * Resolves when no checkpoint runs; awaited before each transaction: until its end the appender would hold up the event
   * loop, and a table cannot be altered.
   */
  readonly noCheckpoint: () => Promise<void>;
  /** Told of each transaction's rows, their bytes in the database, and the table's columns. */
  readonly onRows: (rows: number, bytes: number, columns: number) => void;
}

/** Writes rows to the file: first the columns that they need, then they themselves, a transaction or several. */
export class RowAppender {
  readonly #options: RowAppenderOptions;
  readonly #filler = new ChunkFiller();
  /**
   * Kept from one transaction to the next, as its memory is freed by the garbage collector only, which does not see
   * how much it is: 110 MB with 2,000 columns. A new one after a change of columns or a failure.
   */
  #appender: DuckDBAppender | undefined;
  #nextSeq: number;

  constructor(options: RowAppenderOptions) {
    this.#options = options;
    this.#nextSeq = options.nextSeq;
  }

  /**
   * Resolves when the rows are durable, with `_seq` of the first one.
   * @param now milliseconds since the epoch
   * @param letOthers awaited between the transactions of a message that takes several; it may append as many rows as it is
   *   given
   * @throws DuckDB's error; what was committed before it stays
   */
  async append(
    rows: RowBuffer,
    now: number,
    letOthers: (maxRows: number) => Promise<void> = async () => {},
  ): Promise<number> {
    const { catalogue, scopes } = this.#options;
    const largest = [...rows.large].filter(([, message]) => message.byteLength > TRANSACTION_BYTES);
    const firstSeq = this.#nextSeq + (largest.length > 0 ? ROWS_BETWEEN : 0);
    let unsaved: ScopeTable['unsaved'];
    try {
      for (const [row, message] of largest)
        await this.#writeLarge(firstSeq + row, message, firstSeq, letOthers);
      this.#nextSeq = firstSeq;
      // What others wrote meanwhile is saved.
      unsaved = scopes.unsaved;
      // Looked up before the columns change: what is new is new to both.
      const changes = catalogue.plan(rows, now);
      const pairs = catalogue.newPairs(rows);
      if (changes.length > 0) await this.#changeColumns(changes);
      await this.#saveLargeScopes(unsaved);
      const filling = this.#filler.start(rows, catalogue.columns, firstSeq);
      for (let from = 0; from < rows.rowCount; ) {
        const to = endOfTransaction(rows, from, rowsOfTransaction(catalogue.columns.length));
        await this.#write(rows, from, to, async (connection) => {
          if (from === 0) {
            await saveNewPairs(connection, pairs, now);
            await scopes.save(connection, unsaved);
          }
          await this.#fill(filling, from, to);
        });
        from = to;
      }
    } finally {
      // After a failure, too: parts may have been written under these numbers.
      this.#nextSeq = firstSeq + rows.rowCount;
    }
    catalogue.touch(rows, now);
    scopes.saved(unsaved);
    return firstSeq;
  }

  /** Writes all pieces of a message but the last, which goes with its row; others may take the numbers below `until`. */
  async #writeLarge(
    seq: number,
    message: Uint8Array,
    until: number,
    letOthers: (maxRows: number) => Promise<void>,
  ): Promise<void> {
    for (const piece of piecesOf(seq, message, TRANSACTION_BYTES).slice(0, -1)) {
      await this.#writePieces('span_parts', [piece]);
      await letOthers(until - this.#nextSeq);
    }
  }

  /** The table is another one from here on. */
  forgetTable(): void {
    this.#appender = undefined;
  }

  close(): void {
    this.#appender?.closeSync();
  }

  /** Writes rows from..to with what of them is too large for a row, and not written yet. */
  async #write(
    rows: RowBuffer,
    from: number,
    to: number,
    writeRows: (connection: DuckDBConnection) => Promise<void>,
  ): Promise<void> {
    const { connection } = this.#options;
    const pieces: Piece[] = [];
    let bytes = 0;
    for (let row = from; row < to; row++) {
      bytes += rows.weights[row] ?? 0;
      const span = rows.large.get(row);
      // All but the last piece of several are there already: see #writeLarge.
      if (span !== undefined)
        pieces.push(...piecesOf(this.#nextSeq + row, span, TRANSACTION_BYTES).slice(-1));
    }
    await this.#options.noCheckpoint();
    await inTransaction(connection, async () => {
      await appendPieces(connection, 'span_parts', pieces);
      await writeRows(connection);
    });
    this.#wrote(to - from, bytes + sizeOf(pieces));
  }

  async #saveLargeScopes(scopes: ScopeTable['unsaved']): Promise<void> {
    const { connection } = this.#options;
    for (const { table, id, pieces } of this.#options.scopes.pieces(scopes, TRANSACTION_BYTES)) {
      await this.#options.noCheckpoint();
      await connection.run(`DELETE FROM ${table} WHERE id = $1`, [id]);
      for (const piece of pieces) await this.#writePieces(table, [piece]);
    }
  }

  async #writePieces(table: PartsTable, pieces: readonly Piece[]): Promise<void> {
    const { connection } = this.#options;
    await this.#options.noCheckpoint();
    await inTransaction(connection, () => appendPieces(connection, table, pieces));
    this.#wrote(0, sizeOf(pieces));
  }

  #wrote(rows: number, bytes: number): void {
    this.#options.onRows(rows, bytes, this.#options.catalogue.columns.length);
  }

  async #changeColumns(changes: ReturnType<FieldCatalogue['plan']>): Promise<void> {
    const { connection, catalogue, noCheckpoint, afterSchemaChange } = this.#options;
    await noCheckpoint();
    this.#appender = undefined;
    await applySchema(connection, catalogue, changes);
    await afterSchemaChange(catalogue.columns.length);
  }

  async #fill(filling: Filling, start: number, end: number): Promise<void> {
    this.#appender ??= await appenderTo(this.#options.connection, 'spans');
    const appender = this.#appender;
    try {
      for (let from = start; from < end; from += CHUNK_ROWS) {
        const to = Math.min(from + CHUNK_ROWS, end);
        appender.appendDataChunk(filling.chunk(from, to));
        // A chunk takes some 15 ms of this thread; queries and other requests get their turn between two.
        if (to < end) await nextTurn();
      }
      appender.flushSync();
    } catch (error) {
      this.#appender = undefined;
      throw error;
    }
  }
}

/** The first row that the transaction which begins with row `from` leaves to the next one. */
function endOfTransaction(rows: RowBuffer, from: number, maxRows: number): number {
  let bytes = 0;
  let to = from;
  for (; to < rows.rowCount && to - from < maxRows; to++) {
    bytes += (rows.weights[to] ?? 0) + (rows.large.get(to)?.byteLength ?? 0);
    if (bytes > TRANSACTION_BYTES && to > from) break;
  }
  return to;
}

function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
}

/** Few enough for the memory: a request of more rows is written in several transactions, and answered after the last. */
function rowsOfTransaction(columns: number): number {
  return Math.max(CHUNK_ROWS / 4, Math.floor(TRANSACTION_CELLS / columns));
}
