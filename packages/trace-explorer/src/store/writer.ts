import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { datasetOf, mapSpans } from '../fields/map-spans.ts';
import type { DecodedTraces } from '../otlp/types.ts';
import { saveNewPairs } from './catalogue-table.ts';
import type { Filling } from './chunk-filler.ts';
import { CHUNK_ROWS, ChunkFiller } from './chunk-filler.ts';
import { appenderTo } from './database.ts';
import { StoreBusyError, StoreClosedError } from './errors.ts';
import type { FieldCatalogue } from './field-catalogue.ts';
import { RowBuffer } from './row-buffer.ts';
import { applySchema, inTransaction } from './schema.ts';
import type { ScopeTable } from './scope-table.ts';
import type { WriteResult } from './types.ts';

/** Rows and bytes that may wait while a commit runs: a second's worth at full load, 64 MiB at most. */
const MAX_WAITING_ROWS = 65_536;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** Rows of one transaction, past which further requests wait for the next: keeps a commit under 200 ms. */
const TRANSACTION_ROWS = 8_192;

/** The same for wide tables, by rows times columns: DuckDB holds a transaction's rows uncompressed, some of them twice. */
const TRANSACTION_CELLS = 1_000_000;

interface Waiting {
  readonly traces: DecodedTraces;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

export interface Committed {
  readonly rows: RowBuffer;
  readonly requests: readonly DecodedTraces[];
  readonly firstSeq: number;
  readonly now: number;
}

export interface WriterOptions {
  readonly connection: DuckDBConnection;
  readonly catalogue: FieldCatalogue;
  readonly scopes: ScopeTable;
  readonly nextSeq: number;
  /** Awaited before columns change: DuckDB cannot alter a table that it is checkpointing. */
  readonly beforeSchemaChange: () => Promise<void>;
  /** Awaited after it, with the number of columns there are now. */
  readonly afterSchemaChange: (columns: number) => Promise<void>;
  /** Awaited before each transaction. */
  readonly roomForRows: (columns: number) => Promise<void>;
  /** Told of each transaction's rows, their bytes as received, and the table's columns. */
  readonly onRows: (rows: number, bytes: number, columns: number) => void;
  readonly onCommitted: (committed: Committed) => void;
  readonly onDropped: (reason: 'busy' | 'failed', spans: number) => void;
}

/**
 * The one writer. Requests that arrive while a transaction commits share the next one, so that a sender is
 * answered when its spans are durable and readable, and a busy store still commits only a few times a second.
 */
export class Writer {
  readonly #connection: DuckDBConnection;
  readonly #catalogue: FieldCatalogue;
  readonly #scopes: ScopeTable;
  readonly #beforeSchemaChange: () => Promise<void>;
  readonly #afterSchemaChange: (columns: number) => Promise<void>;
  readonly #roomForRows: (columns: number) => Promise<void>;
  readonly #onRows: (rows: number, bytes: number, columns: number) => void;
  readonly #onCommitted: (committed: Committed) => void;
  readonly #onDropped: (reason: 'busy' | 'failed', spans: number) => void;
  readonly #filler = new ChunkFiller();
  readonly #maintenance: (() => Promise<void>)[] = [];
  /**
   * Kept from one transaction to the next, as its memory is freed by the garbage collector only, which does not see
   * how much it is: 110 MB with 2,000 columns. A new one after a change of columns or a failure.
   */
  #appender: DuckDBAppender | undefined;
  #waiting: Waiting[] = [];
  #waitingSpans = 0;
  #waitingBytes = 0;
  #nextSeq: number;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: WriterOptions) {
    this.#connection = options.connection;
    this.#catalogue = options.catalogue;
    this.#scopes = options.scopes;
    this.#nextSeq = options.nextSeq;
    this.#beforeSchemaChange = options.beforeSchemaChange;
    this.#afterSchemaChange = options.afterSchemaChange;
    this.#roomForRows = options.roomForRows;
    this.#onRows = options.onRows;
    this.#onCommitted = options.onCommitted;
    this.#onDropped = options.onDropped;
  }

  /** @throws StoreBusyError, StoreClosedError, or why the file could not be written */
  write(traces: DecodedTraces): Promise<WriteResult> {
    if (this.#closed) return Promise.reject(new StoreClosedError());
    const bytes = sizeOf(traces);
    const full =
      this.#waitingSpans + traces.spanCount > MAX_WAITING_ROWS ||
      this.#waitingBytes + bytes > MAX_WAITING_BYTES;
    // A request larger than the whole queue is taken when it is alone.
    if (full && this.#waiting.length > 0) {
      this.#onDropped('busy', traces.spanCount);
      return Promise.reject(new StoreBusyError(1));
    }
    this.#waitingSpans += traces.spanCount;
    this.#waitingBytes += bytes;
    const written = new Promise<WriteResult>((resolve, reject) =>
      this.#waiting.push({ traces, resolve, reject }),
    );
    this.#run();
    return written;
  }

  /** Runs a task between two transactions, alone on the writer's connection. */
  exclusively<T>(task: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const done = new Promise<T>((resolve, reject) => {
      this.#maintenance.push(() => task(this.#connection).then(resolve, reject));
    });
    this.#run();
    return done;
  }

  /** Finishes what waits and refuses anything more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    this.#appender?.closeSync();
  }

  #run(): void {
    this.#running ??= this.#loop();
  }

  async #loop(): Promise<void> {
    // Lets requests that are already in the socket join the first transaction.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0 || this.#maintenance.length > 0) {
      const task = this.#maintenance.shift();
      if (task !== undefined) await task();
      if (this.#waiting.length > 0) await this.#commit(this.#take());
    }
    // In the same turn as the last look at what waits: a write after it starts the loop again.
    this.#running = undefined;
  }

  #take(): Waiting[] {
    let spans = 0;
    let count = 0;
    for (const { traces } of this.#waiting) {
      if (count > 0 && spans + traces.spanCount > TRANSACTION_ROWS) break;
      spans += traces.spanCount;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #commit(taken: readonly Waiting[]): Promise<void> {
    const now = Date.now();
    const results: WriteResult[] = [];
    try {
      const rows = new RowBuffer();
      for (const { traces } of taken) {
        // A request of 512 spans takes some 2 ms to map; others get their turn between two.
        await new Promise((resolve) => setImmediate(resolve));
        const before = rows.rowCount;
        this.#map(traces, rows, BigInt(now) * 1_000_000n);
        results.push({ rows: rows.rowCount - before, spans: traces.spanCount });
      }
      const firstSeq = this.#nextSeq;
      await this.#append(rows, now);
      this.#onCommitted({ rows, requests: taken.map(({ traces }) => traces), firstSeq, now });
      for (const [index, { resolve }] of taken.entries()) resolve(results[index] ?? { rows: 0, spans: 0 });
    } catch (error) {
      for (const { traces, reject } of taken) {
        this.#onDropped('failed', traces.spanCount);
        reject(error);
      }
    } finally {
      for (const { traces } of taken) {
        this.#waitingSpans -= traces.spanCount;
        this.#waitingBytes -= sizeOf(traces);
      }
    }
  }

  #map(traces: DecodedTraces, rows: RowBuffer, received: bigint): void {
    for (const scopeSpans of traces.scopeSpans) {
      if (scopeSpans.spans.length === 0) continue;
      rows.group(this.#scopes.idOf(scopeSpans), datasetOf(scopeSpans.resource.attributes), received);
      mapSpans(scopeSpans, received, rows);
    }
  }

  async #append(rows: RowBuffer, now: number): Promise<void> {
    const scopes = this.#scopes.unsaved;
    const changes = this.#catalogue.plan(rows, now);
    const pairs = this.#catalogue.newPairs(rows);
    if (changes.length > 0) {
      await this.#beforeSchemaChange();
      this.#appender = undefined;
      await applySchema(this.#connection, this.#catalogue, changes);
      await this.#afterSchemaChange(this.#catalogue.columns.length);
    }
    const fields = this.#catalogue.columns;
    const filling = this.#filler.start(rows, fields, this.#nextSeq);
    const size = rowsOfTransaction(fields.length);
    for (let from = 0; from < rows.rowCount; from += size) {
      const to = Math.min(from + size, rows.rowCount);
      await this.#roomForRows(fields.length);
      await inTransaction(this.#connection, async () => {
        if (from === 0) {
          await saveNewPairs(this.#connection, pairs, now);
          await this.#scopes.save(this.#connection, scopes);
        }
        await this.#fill(filling, from, to);
      });
      this.#nextSeq += to - from;
      this.#onRows(to - from, (rows.bytes * (to - from)) / rows.rowCount, fields.length);
    }
    this.#catalogue.touch(rows, now);
    this.#scopes.saved(scopes);
  }

  async #fill(filling: Filling, start: number, end: number): Promise<void> {
    this.#appender ??= await appenderTo(this.#connection, 'spans');
    const appender = this.#appender;
    try {
      for (let from = start; from < end; from += CHUNK_ROWS) {
        const to = Math.min(from + CHUNK_ROWS, end);
        appender.appendDataChunk(filling.chunk(from, to));
        // A chunk takes some 15 ms of this thread; queries and other requests get their turn between two.
        if (to < end) await new Promise((resolve) => setImmediate(resolve));
      }
      appender.flushSync();
    } catch (error) {
      this.#appender = undefined;
      throw error;
    }
  }
}

/** Few enough for the memory: a request of more rows is written in several transactions, and answered after the last. */
function rowsOfTransaction(columns: number): number {
  return Math.max(CHUNK_ROWS / 4, Math.floor(TRANSACTION_CELLS / columns));
}

function sizeOf(traces: DecodedTraces): number {
  let bytes = 0;
  for (const { spans } of traces.scopeSpans) for (const { raw } of spans) bytes += raw.byteLength;
  return bytes;
}
