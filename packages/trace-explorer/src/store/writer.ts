import type { DuckDBConnection } from '@duckdb/node-api';
import { encodeRequest } from '@tandem/otlp';
import { nextTurn } from '../shared/next-turn.ts';
import type { Contents } from './contents.ts';
import {
  DiskFullError,
  StoreBusyError,
  StoreClosedError,
  StoreGoneError,
  StoreReopeningError,
  says,
} from './errors.ts';
import type { Counted, ExportRequest } from './export-request.ts';
import { isLogs, itemCount, mapRequest, sizeOf } from './export-request.ts';
import type { Journal } from './journal.ts';
import type { JournalRecord, WholeBody } from './journal-record.ts';
import { RowBuffer } from './rows.ts';
import type { TableWriter } from './table-writer.ts';
import type { WriteResult } from './types.ts';

/** Rows are committed after so many milliseconds; a full transaction and a reader are reasons to do so earlier. */
const COMMIT_MS = 150;
/** Rows and bytes that may wait: what comes in a second at full load. */
const MAX_WAITING_ROWS = 65_536;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** Rows of requests that are written to the journal together: whoever comes next waits for no more. */
const BATCH_ROWS = 4_096;

/** A request whose rows wait to be written, and those who wait for it. */
interface Waiting {
  readonly counted: Counted;
  readonly dataset: string | undefined;
  /** Undefined where the journal is given the messages of its rows. */
  readonly whole: WholeBody | undefined;
  /** Its rows in the batch. */
  readonly from: number;
  readonly to: number;
  /** When it came, milliseconds since the epoch. */
  readonly received: number;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Requests that are written together. */
interface Batch {
  readonly rows: RowBuffer;
  requests: Waiting[];
  bytes: number;
}

/** What is in the journal. */
export interface Written {
  readonly rows: RowBuffer;
  readonly requests: readonly Pick<Waiting, 'counted' | 'from' | 'to' | 'resolve'>[];
  readonly firstSeq: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface WriterOptions {
  readonly connection: DuckDBConnection;
  readonly table: TableWriter;
  readonly journal: Journal;
  readonly contents: Contents;
  /** `_seq` of the first row. */
  readonly nextSeq: number;
  /** Told of rows that are answered: visible to whoever has awaited `visible`. */
  readonly onWritten: (written: Written) => void;
  /** Why nothing is to be taken at present; undefined when there is no reason. */
  readonly refuses: () => Error | undefined;
  /** Told why the journal could not be written, and when it could be again. */
  readonly onJournal: (error: unknown) => void;
  /** Told why the table could not be written: nothing more is, until the file is opened anew. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * The one writer. A request is answered when it is in the journal, on disk, and its rows were given to the table (or could not
 * be: then the journal has them). They are committed when the transaction is full, after COMMIT_MS, or when somebody wants to
 * read.
 */
export class Writer {
  readonly #options: WriterOptions;
  readonly #table: TableWriter;
  /** In the order in which they came: those that are not in the journal, and those that are not in the table. */
  readonly #waiting: Batch[] = [];
  readonly #journaled: Written[] = [];
  readonly #tasks: (() => Promise<void>)[] = [];
  /** Who wants to read, and the number that all rows which they are to see are below. */
  #readers: { readonly seq: number; readonly resolve: () => void }[] = [];
  #rows = 0;
  #bytes = 0;
  #nextSeq = 0;
  /** All rows below are in the journal, in the table, and committed. */
  #journaledSeq = 0;
  #tableSeq = 0;
  #visibleSeq = 0;
  #onTaken: (() => void) | undefined;
  #journaling: Promise<void> | undefined;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #hasFailed = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#table = options.table;
    this.startAt(options.nextSeq);
  }

  /** @param seq `_seq` of the next row; all rows below are visible */
  startAt(seq: number): void {
    this.#nextSeq = seq;
    this.#journaledSeq = seq;
    this.#tableSeq = seq;
    this.#visibleSeq = seq;
  }

  /** Makes a request's rows. Resolves when the request is stored. @throws StoreBusyError at once when too much waits */
  write(request: ExportRequest): Promise<WriteResult> {
    const { contents, refuses } = this.#options;
    const { rows, bytes } = sizeOf(request);
    const isFull = this.#rows + rows > MAX_WAITING_ROWS || this.#bytes + bytes > MAX_WAITING_BYTES;
    const refusal = this.#isClosed
      ? new StoreClosedError()
      : this.#hasFailed
        ? new StoreReopeningError()
        : // A request larger than all that may wait is taken when it is alone.
          (refuses() ?? (isFull && this.#rows > 0 ? new StoreBusyError(1) : undefined));
    if (refusal !== undefined) {
      contents.drop('busy', request, itemCount(request));
      return Promise.reject(refusal);
    }
    let batch = this.#waiting.at(-1);
    if (batch === undefined || batch.rows.rowCount + rows > BATCH_ROWS) {
      batch = { rows: new RowBuffer(), requests: [], bytes: 0 };
      this.#waiting.push(batch);
    }
    const from = batch.rows.rowCount;
    const received = Date.now();
    mapRequest(request, received, batch.rows);
    batch.bytes += bytes;
    this.#rows += batch.rows.rowCount - from;
    this.#bytes += bytes;
    const { promise, resolve, reject } = Promise.withResolvers<WriteResult>();
    // The request itself is let go of: the garbage collector would move its spans about.
    const counted = isLogs(request) ? { recordCount: request.recordCount } : { spanCount: request.spanCount };
    const { dataset, whole } = request;
    batch.requests.push({
      counted,
      dataset,
      whole,
      from,
      to: batch.rows.rowCount,
      received,
      resolve,
      reject,
    });
    this.#journaling ??= this.#journalLoop();
    return promise;
  }

  /** Resolves when everything that was answered before is visible, or the writer has failed. */
  visible(): Promise<void> {
    if (this.#hasFailed || this.#visibleSeq >= this.#journaledSeq) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#readers.push({ seq: this.#journaledSeq, resolve });
    this.#write();
    return promise;
  }

  /** Runs a task between two transactions, alone on the writer's connection. @throws StoreReopeningError after a failure */
  exclusively<T>(task: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    if (this.#hasFailed) return Promise.reject(new StoreReopeningError());
    const done = new Promise<T>((resolve, reject) => {
      this.#tasks.push(async () => {
        if (this.#hasFailed) reject(new StoreReopeningError());
        else await task(this.#options.connection).then(resolve, reject);
      });
    });
    this.#write();
    return done;
  }

  /** Finishes what waits and refuses anything more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#journaling;
    await this.visible();
    await this.#writing;
    clearTimeout(this.#timer);
    this.#table.forgetTable();
  }

  /** Lets go of everything: what was answered is in the journal, what was not is refused. */
  async abandon(): Promise<void> {
    this.#fail();
    await this.#journaling;
    await this.#writing;
    clearTimeout(this.#timer);
    this.#table.forgetTable();
  }

  async #journalLoop(): Promise<void> {
    // Lets requests that are already in the socket join the first batch.
    await nextTurn();
    for (let batch = this.#waiting.shift(); batch !== undefined; batch = this.#waiting.shift()) {
      const { requests, rows, bytes } = batch;
      try {
        // One batch is journaled while the one before goes to the table.
        if (this.#journaled.length > 1) await new Promise<void>((resolve) => (this.#onTaken = resolve));
        if (this.#hasFailed) throw new StoreReopeningError();
        const firstSeq = await this.#journal(requests, rows);
        // Without their bodies, which are not needed any more.
        const answers = requests.map(({ counted, from, to, resolve }) => ({ counted, from, to, resolve }));
        batch.requests = [];
        this.#journaled.push({ rows, requests: answers, firstSeq, now: Date.now() });
        this.#journaledSeq = this.#nextSeq;
        // The writer may have failed meanwhile: nobody else would answer.
        if (this.#hasFailed) this.#fail();
        else this.#write();
      } catch (error) {
        this.#rows -= rows.rowCount;
        for (const { counted, reject } of requests) {
          this.#options.contents.drop('busy', counted, itemCount(counted));
          reject(error);
        }
      } finally {
        this.#bytes -= bytes;
      }
    }
    // In the same turn as the last look at what waits: a request after it starts the loop again.
    this.#journaling = undefined;
  }

  /** Writes requests to the journal. Resolves with the number of their first row. */
  async #journal(requests: readonly Waiting[], rows: RowBuffer): Promise<number> {
    const { journal, onJournal } = this.#options;
    const firstSeq = this.#nextSeq;
    this.#nextSeq += rows.rowCount;
    const records = requests.map(({ counted, dataset, whole, from, to, received }): JournalRecord => {
      const signal = isLogs(counted) ? 'logs' : 'traces';
      const body = whole ?? { bytes: encodeRequest(rows.messages(from, to)) };
      return { signal, seq: firstSeq + from, rows: to - from, received, dataset, body };
    });
    try {
      await journal.append(records);
    } catch (cause) {
      const error = says(cause, 'diskFull') ? new DiskFullError(cause) : cause;
      onJournal(error);
      // The database has what was in a journal that is gone: whoever hears of it closes the store as usual.
      if (error instanceof StoreGoneError) this.#options.onFailure(error);
      throw error;
    }
    onJournal(undefined);
    return firstSeq;
  }

  #write(): void {
    this.#writing ??= this.#writeLoop();
  }

  async #writeLoop(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      do {
        const task = this.#tasks.shift();
        if (task !== undefined) {
          await this.#table.commit();
          await task();
        }
        await this.#append();
        const isDue =
          this.#dueIn <= 0 || (this.#readers[0]?.seq ?? Number.POSITIVE_INFINITY) <= this.#tableSeq;
        if (isDue && !this.#hasFailed) await this.#commit();
      } while (this.#journaled.length + this.#tasks.length + this.#readers.length > 0);
    } catch (error) {
      this.#failWith(error);
    }
    // In the same turn as the last look at what waits: whatever comes after it starts the loop again.
    this.#writing = undefined;
    if (this.#table.openSince !== undefined && !this.#hasFailed)
      this.#timer = setTimeout(() => this.#write(), Math.max(1, this.#dueIn));
  }

  /** Gives the table what was journaled first, and answers. */
  async #append(): Promise<void> {
    const [next] = this.#journaled;
    if (next === undefined) return;
    const { rows, firstSeq, now } = next;
    await this.#table.append(rows, firstSeq, now);
    this.#rows -= rows.rowCount;
    this.#tableSeq = firstSeq + rows.rowCount;
    this.#options.contents.add(next);
    this.#options.onWritten(next);
    this.#journaled.shift();
    this.#onTaken?.();
    answer(next);
  }

  async #commit(): Promise<void> {
    const seq = this.#tableSeq;
    await this.#table.commit();
    this.#visibleSeq = seq;
    while (this.#readers[0] !== undefined && this.#readers[0].seq <= seq) this.#readers.shift()?.resolve();
  }

  /** Milliseconds until the open transaction is to be committed. */
  get #dueIn(): number {
    const { openSince } = this.#table;
    return openSince === undefined ? Number.POSITIVE_INFINITY : openSince + COMMIT_MS - performance.now();
  }

  #failWith(error: unknown): void {
    if (this.#hasFailed) return;
    this.#fail();
    this.#options.onFailure(error);
  }

  #fail(): void {
    this.#hasFailed = true;
    // They are in the journal, and so in the store when its file is open again.
    for (const written of this.#journaled.splice(0)) answer(written);
    this.#onTaken?.();
    for (const { resolve } of this.#readers.splice(0)) resolve();
    for (const task of this.#tasks.splice(0)) void task();
  }
}

function answer({ requests }: Written): void {
  for (const { counted, from, to, resolve } of requests)
    resolve({ rows: to - from, items: itemCount(counted) });
}
