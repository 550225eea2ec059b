import { encodeRequest } from '@tandem/otlp';
import { nextTurn } from '../shared/turns.ts';
import { DiskFullError, StoreBusyError, StoreClosedError, StoreReopeningError, says } from './errors.ts';
import { mapRequest, RowBuffer, sizeOf } from './rows.ts';
import type { Files } from './store-file.ts';
import type { TableWriter } from './table-writer.ts';
import type { ExportRequest, Signal, WriteResult, WrittenBatch } from './types.ts';
import { itemCount, signalOf } from './types.ts';

/** Commit at the latest after this many milliseconds. A full transaction and a reader trigger a commit earlier. */
const COMMIT_MS = 150;
/** Rows and bytes that may wait: what comes in a second at full load. */
const MAX_WAITING_ROWS = 65_536;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** Rows of requests that are written to the journal together. */
const BATCH_ROWS = 4_096;

/** A request whose rows wait. The request itself is let go of: the garbage collector would move its spans about. */
interface Waiting {
  readonly signal: Signal;
  readonly items: number;
  readonly dataset: string | undefined;
  /** Undefined where the journal is given the messages of its rows. */
  body: Uint8Array | undefined;
  /** Its rows in the batch. */
  readonly from: number;
  readonly to: number;
  /** When it came, milliseconds since the epoch. */
  readonly received: number;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Requests that are written together. */
export interface Batch {
  readonly rows: RowBuffer;
  readonly requests: Waiting[];
  bytes: number;
  /** `_seq` of its first row, and when it was journaled: milliseconds since the epoch. */
  firstSeq: number;
  now: number;
}

/** What live updates are told of a batch. */
export function writtenOf({ rows, requests, firstSeq }: Batch): WrittenBatch {
  const traceIds = new Set(rows.columns.get('trace.trace_id')?.values);
  traceIds.delete(undefined);
  const logs = requests.reduce((sum, { signal, items }) => sum + (signal === 'logs' ? items : 0), 0);
  return { seq: firstSeq + rows.rowCount - 1, logs, traceIds: [...traceIds].map(String) };
}

export interface WriterEvents {
  /** Told of rows that are answered: visible to a reader that has awaited `visible`. */
  readonly onWritten: (written: Batch) => void;
  /** Told why the journal could not be written; undefined when it could be again. */
  readonly onJournal: (error: unknown) => void;
  /** Told why the table or the file could not be written. The file has to be opened anew. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * The one writer. It takes batch after batch: the journal, the table, the answer. An answered request is in the journal, on
 * disk. Its rows are committed when the transaction is full, after COMMIT_MS, or when a reader wants them.
 */
export class Writer {
  readonly #files: Files;
  readonly #table: TableWriter;
  readonly #events: WriterEvents;
  readonly #waiting: Batch[] = [];
  readonly #tasks: (() => Promise<void>)[] = [];
  #rows = 0;
  #bytes = 0;
  #nextSeq: number;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #hasFailed = false;
  #hasJournalFailed = false;

  /** @param nextSeq `_seq` of the next row */
  constructor(files: Files, table: TableWriter, events: WriterEvents, nextSeq: number) {
    this.#files = files;
    this.#table = table;
    this.#events = events;
    this.#nextSeq = nextSeq;
  }

  /** Makes a request's rows. Resolves when the request is stored. @throws StoreBusyError at once when too much waits */
  write(request: ExportRequest): Promise<WriteResult> {
    const size = sizeOf(request);
    const [signal, items] = [signalOf(request), itemCount(request)];
    const refusal = this.#refusal(size);
    if (refusal !== undefined) {
      this.#files.counts.drop('busy', signal, items);
      return Promise.reject(refusal);
    }
    let batch = this.#waiting.at(-1);
    if (batch === undefined || batch.rows.rowCount + size.rows > BATCH_ROWS) {
      batch = { rows: new RowBuffer(), requests: [], bytes: 0, firstSeq: 0, now: 0 };
      this.#waiting.push(batch);
    }
    const { rows } = batch;
    const from = rows.rowCount;
    const received = Date.now();
    mapRequest(request, received, rows);
    const to = rows.rowCount;
    batch.bytes += size.bytes;
    this.#rows += to - from;
    this.#bytes += size.bytes;
    const { promise, resolve, reject } = Promise.withResolvers<WriteResult>();
    const { dataset, body } = request;
    batch.requests.push({ signal, items, dataset, body, from, to, received, resolve, reject });
    this.#write();
    return promise;
  }

  /** Resolves when all rows that were answered before are visible. @throws StoreReopeningError after a failure */
  async visible(): Promise<void> {
    // A task begins with a commit.
    if (this.#table.openSince !== undefined) await this.exclusively(async () => {});
  }

  /** Runs a task between two transactions. @throws StoreReopeningError after a failure */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#tasks.push(async () => {
      if (this.#hasFailed) reject(new StoreReopeningError());
      else await task().then(resolve, reject);
    });
    this.#write();
    return promise;
  }

  /** Finishes what waits and refuses anything more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#writing;
    await this.visible().catch(() => {});
    await this.#end();
  }

  /** Refuses what is not answered yet. The journal has all other requests. */
  async abandon(): Promise<void> {
    this.#hasFailed = true;
    this.#write();
    await this.#end();
  }

  async #end(): Promise<void> {
    await this.#writing;
    clearTimeout(this.#timer);
    this.#table.forgetTable();
  }

  #refusal({ rows, bytes }: ReturnType<typeof sizeOf>): Error | undefined {
    if (this.#isClosed) return new StoreClosedError();
    if (this.#hasFailed) return new StoreReopeningError();
    if (this.#table.full !== undefined) return this.#table.full;
    // A request larger than all that may wait is taken when nothing else waits.
    const isFull = this.#rows + rows > MAX_WAITING_ROWS || this.#bytes + bytes > MAX_WAITING_BYTES;
    return isFull && this.#rows > 0 ? new StoreBusyError(1) : undefined;
  }

  #write(): void {
    this.#writing ??= this.#writeLoop();
  }

  /** The only place that takes what waits. It answers everything, also after a failure. */
  async #writeLoop(): Promise<void> {
    clearTimeout(this.#timer);
    // Requests that are already in the socket join the first batch.
    await nextTurn();
    do {
      try {
        const isDue = this.#tasks.length > 0 || this.#dueIn <= 0;
        if (isDue && !this.#hasFailed) await this.#table.commit();
        for (const task of this.#tasks.splice(0)) await task();
        const batch = this.#waiting.shift();
        if (batch !== undefined) await this.#store(batch);
      } catch (error) {
        if (!this.#hasFailed) this.#events.onFailure(error);
        this.#hasFailed = true;
      }
    } while (this.#waiting.length + this.#tasks.length > 0);
    // In the same turn as the last look at what waits: the next request starts the loop again.
    this.#writing = undefined;
    if (this.#table.openSince !== undefined && !this.#hasFailed)
      this.#timer = setTimeout(() => this.#write(), Math.max(1, this.#dueIn));
  }

  /** Journals a batch and gives it to the table. @throws DuckDB's error: the batch is journaled, and answered */
  async #store(batch: Batch): Promise<void> {
    const { rows, requests } = batch;
    try {
      await this.#journal(batch);
    } catch (error) {
      for (const { signal, items, reject } of requests) {
        this.#files.counts.drop('busy', signal, items);
        reject(error);
      }
      return;
    } finally {
      this.#rows -= rows.rowCount;
      this.#bytes -= batch.bytes;
    }
    try {
      // After a failure the rows are in the store when its file is open again.
      if (this.#hasFailed) return;
      await this.#table.append(rows, batch.firstSeq, batch.now);
      this.#files.counts.add(batch);
      this.#events.onWritten(batch);
    } finally {
      for (const { items, from, to, resolve } of requests) resolve({ rows: to - from, items });
    }
  }

  async #journal(batch: Batch): Promise<void> {
    const { rows, requests } = batch;
    if (this.#hasFailed) throw new StoreReopeningError();
    batch.firstSeq = this.#nextSeq;
    const records = requests.map(({ signal, dataset, body, from, to, received }) => ({
      signal,
      seq: batch.firstSeq + from,
      rows: to - from,
      received,
      dataset,
      body: body ?? encodeRequest(rows.messages(from, to)),
    }));
    try {
      await this.#files.journal.append(records);
    } catch (cause) {
      const error = says(cause, 'diskFull') ? new DiskFullError(cause) : cause;
      this.#hasJournalFailed = true;
      this.#events.onJournal(error);
      throw error;
    }
    if (this.#hasJournalFailed) this.#events.onJournal(undefined);
    this.#hasJournalFailed = false;
    for (const request of requests) request.body = undefined;
    batch.now = Date.now();
    this.#nextSeq += rows.rowCount;
  }

  /** Milliseconds until the open transaction has to be committed. */
  get #dueIn(): number {
    const { openSince } = this.#table;
    return openSince === undefined ? Number.POSITIVE_INFINITY : openSince + COMMIT_MS - performance.now();
  }
}
