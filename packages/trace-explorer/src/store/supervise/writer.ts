import { encodeRequest } from '@tandem/otlp';
import { nextTurn } from '../../shared/turns.ts';
import { DiskFullError, StoreBusyError, StoreClosedError, StoreReopeningError, says } from '../errors.ts';
import type { Journal } from '../journal/journal.ts';
import { Batch } from '../rows/batch.ts';
import type { ExportRequest, Signal } from '../rows/request.ts';
import { itemCount, mapRequest, signalOf, sizeOf } from '../rows/request.ts';
import type { Table } from '../table/table.ts';
import type { Health } from './health.ts';

/** Commit at the latest after this many milliseconds. A full transaction and a reader trigger a commit earlier. */
const COMMIT_MS = 500;
/** Rows and bytes that may wait: what comes in a second at full load. */
const MAX_WAITING_ROWS = 65_536;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** Rows of requests that are written to the journal together. */
const BATCH_ROWS = 4_096;
/** Batches that are answered and wait for the table, so that no sender waits for a commit. More would delay queries. */
const BATCHES_BEHIND = 4;

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

/** A batch whose requests are not answered yet. */
class WaitingBatch extends Batch {
  readonly requests: Waiting[] = [];
  bytes = 0;
}

export interface WriteResult {
  /** Rows stored: spans, span events, links and log records. */
  readonly rows: number;
  /** Spans or log records stored. */
  readonly items: number;
}

/** Rows that were just written, for live updates. */
export interface WrittenBatch {
  /** `_seq` of the last row: a position in the order of arrival. */
  readonly seq: number;
  /** Log records among its rows. */
  readonly logs: number;
  readonly traceIds: readonly string[];
}

/** What live updates are told of a batch. */
export function writtenOf({ columns, rowCount, items, firstSeq }: Batch): WrittenBatch {
  const traceIds = new Set(columns.get('trace.trace_id')?.values);
  traceIds.delete(undefined);
  return { seq: firstSeq + rowCount - 1, logs: items.logs, traceIds: [...traceIds].map(String) };
}

export interface WriterEvents {
  /** Told of rows that are answered: visible to a reader that has awaited `visible`. */
  readonly onWritten: (written: Batch) => void;
  /** Told why the table or the file could not be written. The file has to be opened anew. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * The one writer. It takes batch after batch: the journal, the answer, the table. An answered request is in the journal, on
 * disk. Its rows are committed when the transaction is full, after COMMIT_MS, or when a reader wants them. Senders do
 * not wait for a commit or a checkpoint, unless BATCHES_BEHIND wait for it.
 */
export class Writer {
  readonly #journal: Pick<Journal, 'append'>;
  readonly #table: Table;
  readonly #health: Health;
  readonly #events: WriterEvents;
  readonly #waiting: WaitingBatch[] = [];
  /** What the table has to do, one after the other: batches that are journaled, and tasks. */
  #work: Promise<void> = Promise.resolve();
  #workCount = 0;
  #rows = 0;
  #bytes = 0;
  #nextSeq: number;
  #journaling: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #hasFailed = false;
  #hasJournalFailed = false;

  /** @param nextSeq `_seq` of the next row */
  constructor(
    journal: Pick<Journal, 'append'>,
    table: Table,
    health: Health,
    events: WriterEvents,
    nextSeq: number,
  ) {
    this.#journal = journal;
    this.#health = health;
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
      this.#table.counts.drop('busy', signal, items);
      return Promise.reject(refusal);
    }
    let batch = this.#waiting.at(-1);
    if (batch === undefined || batch.rowCount + size.rows > BATCH_ROWS) {
      batch = new WaitingBatch();
      this.#waiting.push(batch);
    }
    const received = Date.now();
    const from = batch.rowCount;
    mapRequest(request, received, batch);
    const to = batch.rowCount;
    batch.bytes += size.bytes;
    this.#rows += to - from;
    this.#bytes += size.bytes;
    const { promise, resolve, reject } = Promise.withResolvers<WriteResult>();
    const { dataset, body } = request;
    batch.requests.push({ signal, items, dataset, body, from, to, received, resolve, reject });
    this.#journaling ??= this.#journalLoop();
    return promise;
  }

  /** Resolves when all rows that were answered before are visible. @throws StoreReopeningError after a failure */
  async visible(): Promise<void> {
    // A task begins with a commit.
    if (this.#workCount > 0 || this.#table.openSince !== undefined) await this.exclusively(async () => {});
  }

  /** Runs a task between two transactions, after all rows that are answered. @throws StoreReopeningError after a failure */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    void this.#give(async () => {
      try {
        if (this.#hasFailed) throw new StoreReopeningError();
        await this.#table.commit();
      } catch (error) {
        reject(new StoreReopeningError());
        throw error;
      }
      await task().then(resolve, reject);
    });
    return promise;
  }

  /** Finishes what waits and refuses anything more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#journaling;
    await this.visible().catch(() => {});
    await this.#end();
  }

  /** Refuses what is not answered yet. The journal has all other requests. */
  async abandon(): Promise<void> {
    this.#hasFailed = true;
    await this.#end();
  }

  async #end(): Promise<void> {
    await this.#journaling;
    await this.#work;
    clearTimeout(this.#timer);
    this.#table.forgetTable();
  }

  #refusal({ rows, bytes }: ReturnType<typeof sizeOf>): Error | undefined {
    if (this.#isClosed) return new StoreClosedError();
    if (this.#hasFailed) return new StoreReopeningError();
    if (this.#table.full !== undefined) return this.#table.full;
    // What waits is in the journal too, which a small disk has no room for.
    const maxBytes = this.#table.isOnSmallDisk ? this.#table.counts.cap / 4 : MAX_WAITING_BYTES;
    // A request larger than all that may wait is taken when nothing else waits.
    const isFull = this.#rows + rows > MAX_WAITING_ROWS || this.#bytes + bytes > maxBytes;
    return isFull && this.#rows > 0 ? new StoreBusyError(1) : undefined;
  }

  /** The only place that takes what waits. It answers everything, also after a failure. */
  async #journalLoop(): Promise<void> {
    // Requests that are already in the socket join the first batch.
    await nextTurn();
    const behind: Promise<void>[] = [];
    for (let batch = this.#waiting.shift(); batch !== undefined; batch = this.#waiting.shift()) {
      const { requests } = batch;
      try {
        await this.#putInJournal(batch);
        const written = this.#append(batch);
        // Who was answered asks for new fields at once: they are known when the table has their columns.
        if (!this.#table.catalogue.knows(batch)) await written;
        for (const { items, from, to, resolve } of requests) resolve({ rows: to - from, items });
        behind.push(written);
        if (behind.length > BATCHES_BEHIND) await behind.shift();
      } catch (error) {
        for (const { signal, items, reject } of requests) {
          this.#table.counts.drop('busy', signal, items);
          reject(error);
        }
        this.#letGo(batch);
      }
    }
    // In the same turn as the last look at what waits: the next request starts the loop again.
    this.#journaling = undefined;
  }

  #append(batch: WaitingBatch): Promise<void> {
    return this.#give(async () => {
      try {
        // After a failure the rows are in the store when its file is open again.
        if (this.#hasFailed) return;
        await this.#table.append(batch);
        this.#events.onWritten(batch);
      } finally {
        this.#letGo(batch);
      }
    });
  }

  #letGo({ rowCount, bytes }: WaitingBatch): void {
    this.#rows -= rowCount;
    this.#bytes -= bytes;
  }

  /** Gives the table something to do. Nothing else uses the table. Resolves when the work is done, or has failed. */
  #give(work: () => Promise<void>): Promise<void> {
    clearTimeout(this.#timer);
    this.#workCount++;
    this.#work = this.#work.then(async () => {
      try {
        await work();
        if (this.#dueIn <= 0 && !this.#hasFailed) await this.#table.commit();
      } catch (error) {
        if (!this.#hasFailed) this.#events.onFailure(error);
        this.#hasFailed = true;
      }
      if (--this.#workCount > 0 || this.#table.openSince === undefined || this.#hasFailed) return;
      this.#timer = setTimeout(() => void this.visible().catch(() => {}), Math.max(1, this.#dueIn));
    });
    return this.#work;
  }

  async #putInJournal(batch: WaitingBatch): Promise<void> {
    const { requests } = batch;
    if (this.#hasFailed) throw new StoreReopeningError();
    batch.firstSeq = this.#nextSeq;
    const records = requests.map(({ signal, dataset, body, from, to, received }) => ({
      signal,
      seq: batch.firstSeq + from,
      rows: to - from,
      received,
      dataset,
      body: body ?? encodeRequest(batch.messages(from, to)),
    }));
    try {
      await this.#journal.append(records);
    } catch (cause) {
      const error = says(cause, 'diskFull') ? new DiskFullError(cause) : cause;
      this.#hasJournalFailed = true;
      this.#health.note('writing', error);
      throw error;
    }
    if (this.#hasJournalFailed) this.#health.note('writing', undefined);
    this.#hasJournalFailed = false;
    for (const request of requests) request.body = undefined;
    batch.now = Date.now();
    this.#nextSeq += batch.rowCount;
  }

  /** Milliseconds until the open transaction has to be committed. */
  get #dueIn(): number {
    const { openSince } = this.#table;
    return openSince === undefined ? Number.POSITIVE_INFINITY : openSince + COMMIT_MS - performance.now();
  }
}
