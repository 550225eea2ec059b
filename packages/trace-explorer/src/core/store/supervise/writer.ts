import { encodeLogs, encodeTraces } from '@tandem/otlp';
import { yieldToEventLoop } from '../../../lib/node/task-queue.ts';
import { Failure } from '../../failures.ts';
import type { Journal, JournalRecord } from '../journal/journal.ts';
import { BATCH_ROWS, Batch } from '../rows/batch.ts';
import type { ExportRequest } from '../rows/request.ts';
import { isLogs, mapRequest, signalOf, sizeOf } from '../rows/request.ts';
import { says } from '../store-error.ts';
import type { SpanTable } from '../table/table.ts';
import type { Health } from './health.ts';

/** Commit at the latest after this many milliseconds. A full transaction and a reader trigger a commit earlier. */
const COMMIT_MS = 500;
/** Rows and bytes that may wait: about a second at full load. */
const MAX_WAITING_ROWS = 65_536;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** Between two interrupts of a statement that goes on: one before a statement runs is lost. */
const INTERRUPT_MS = 20;
/** Answered batches that may wait for the table, so that no sender waits for a commit. More would delay queries. */
const BATCHES_BEHIND = 4;

/** A request whose rows wait. The decoded request is not kept: the garbage collector would have to move its spans. */
interface Waiting {
  /** Its `seq` is the row of the batch. */
  readonly record: JournalRecord;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

class WaitingBatch extends Batch {
  readonly requests: Waiting[] = [];
}

/** Rows that were just written, for live updates. */
export interface WrittenBatch {
  /** `_seq` of the last row: a position in the order of arrival. */
  readonly seq: number;
  /** Log records among its rows. */
  readonly logs: number;
  readonly traceIds: readonly string[];
}

/** The part of a batch that live updates need. */
function writtenOf({ columns, rowCount, items, firstSeq }: Batch): WrittenBatch {
  const traceIds = new Set(columns.get('trace.trace_id')?.values);
  traceIds.delete(undefined);
  return { seq: firstSeq + rowCount - 1, logs: items.logs, traceIds: [...traceIds].map(String) };
}

/** The writer's tools, and its listeners. */
export interface WriterParts {
  readonly journal: Journal;
  readonly table: SpanTable;
  readonly health: Health;
  /** Called with answered rows. A reader that has awaited `visible` sees these rows. */
  readonly onWritten: (written: WrittenBatch) => void;
  /** Called when the table or the file could not be written. The store must open the file anew. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * The one writer. The writer journals each batch, answers the requests, and appends the rows to the table. An
 * answered request is on disk, in the journal. A commit comes when the transaction is full, after COMMIT_MS, or when a
 * reader asks. Senders do not wait for a commit or a checkpoint, unless BATCHES_BEHIND batches wait already.
 */
export class Writer {
  readonly #parts: WriterParts;
  readonly #waiting: WaitingBatch[] = [];
  /** The table's work in its order: journaled batches and tasks. */
  #work: Promise<void> = Promise.resolve();
  #workCount = 0;
  #rows = 0;
  #bytes = 0;
  #nextSeq: number;
  #journaling: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #hasFailed = false;
  /** Health may have the note of a batch that the journal did not take: of this writer, or of the writer before. */
  #isRefusalNoted = true;

  /** @param nextSeq `_seq` of the next row */
  constructor(parts: WriterParts, nextSeq: number) {
    this.#parts = parts;
    this.#nextSeq = nextSeq;
  }

  /** Makes a request's rows. Resolves when the request is stored. @throws STORE_BUSY at once when too much waits */
  write(request: ExportRequest): Promise<void> {
    const size = sizeOf(request);
    // The journal has the waiting rows too, and a small disk has little room.
    const maxBytes = Math.min(MAX_WAITING_BYTES, this.#parts.table.counts.cap / 4);
    const isFull = this.#rows + size.rows > MAX_WAITING_ROWS || this.#bytes + size.bytes > maxBytes;
    // A request above the limit is taken when nothing else waits.
    if (isFull && this.#rows > 0) return Promise.reject(new Failure('STORE_BUSY'));
    let batch = this.#waiting.at(-1);
    if (batch === undefined || batch.rowCount + size.rows > BATCH_ROWS) {
      batch = new WaitingBatch();
      this.#waiting.push(batch);
    }
    const received = Date.now();
    const seq = batch.rowCount;
    mapRequest(request, received, batch);
    this.#rows += size.rows;
    this.#bytes += size.bytes;
    const { dataset, body = encode(request) } = request;
    const record = { signal: signalOf(request), seq, rows: size.rows, received, dataset, body };
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    batch.requests.push({ record, resolve, reject });
    this.#journaling ??= this.#journalLoop();
    return promise;
  }

  /** Resolves when all rows that were answered before are visible. @throws STORE_REOPENING after a failure */
  async visible(): Promise<void> {
    // A task begins with a commit.
    if (this.#workCount > 0 || this.#parts.table.openSince !== undefined)
      await this.exclusively(async () => {});
  }

  /** Runs a task between two transactions, after all answered rows. @throws STORE_REOPENING after a failure */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    void this.#enqueue(async () => {
      try {
        if (this.#hasFailed) throw new Failure('STORE_REOPENING');
        await this.#parts.table.commit();
      } catch (error) {
        reject(new Failure('STORE_REOPENING'));
        throw error;
      }
      await task().then(resolve, reject);
    });
    return promise;
  }

  /**
   * Ends the work. Nothing may be written any more.
   * @param isAbandoned refuses the requests that are not answered yet, and writes nothing: the journal has all others
   * @param withinMs after this time the same is done
   * @returns the failure of the last checkpoint; undefined for a success, and where the time was over
   */
  async close(isAbandoned: boolean, withinMs: number): Promise<unknown> {
    this.#hasFailed ||= isAbandoned;
    const end = performance.now() + withinMs;
    const isLate = () => performance.now() >= end;
    const looking = setInterval(() => {
      if (!isLate()) return;
      this.#hasFailed = true;
      this.#parts.table.connection.interrupt();
    }, INTERRUPT_MS);
    await this.#journaling;
    const [saved] = await Promise.allSettled([this.exclusively(() => this.#parts.table.checkpoint(true))]);
    await this.#work;
    clearTimeout(this.#timer);
    clearInterval(looking);
    return saved.status === 'rejected' && !isLate() ? saved.reason : undefined;
  }

  /** Only this loop takes waiting requests. The loop answers each request, also after a failure. */
  async #journalLoop(): Promise<void> {
    // Requests that are already in the socket join the first batch.
    await yieldToEventLoop();
    const behind: Promise<void>[] = [];
    for (let batch = this.#waiting.shift(); batch !== undefined; batch = this.#waiting.shift()) {
      try {
        await this.#putInJournal(batch);
        const written = this.#append(batch);
        // A sender may query new fields right after the answer. A field is known when the table has its column.
        if (!this.#parts.table.catalogue.knows(batch)) await written;
        for (const { resolve } of batch.requests.splice(0)) resolve();
        behind.push(written);
        if (behind.length > BATCHES_BEHIND) await behind.shift();
      } catch (error) {
        for (const { reject } of batch.requests) reject(error);
        this.#release(batch);
      }
    }
    // Nothing was awaited since the last look at the waiting requests: the next request starts the loop again.
    this.#journaling = undefined;
  }

  #append(batch: WaitingBatch): Promise<void> {
    return this.#enqueue(async () => {
      try {
        // After a failure a replay of the journal writes the rows.
        if (this.#hasFailed) return;
        await this.#parts.table.append(batch);
        this.#parts.onWritten(writtenOf(batch));
      } finally {
        this.#release(batch);
      }
    });
  }

  #release({ rowCount, sizes }: WaitingBatch): void {
    this.#rows -= rowCount;
    for (const bytes of sizes) this.#bytes -= bytes;
  }

  /** Queues work for the table. Only queued work uses the table. Resolves when the work is done, or has failed. */
  #enqueue(work: () => Promise<void>): Promise<void> {
    clearTimeout(this.#timer);
    this.#workCount++;
    this.#work = this.#work.then(async () => {
      try {
        await work();
        if (this.#dueIn <= 0 && !this.#hasFailed) await this.#parts.table.commit();
      } catch (error) {
        if (!this.#hasFailed) this.#parts.onFailure(error);
        this.#hasFailed = true;
      }
      if (--this.#workCount > 0 || this.#parts.table.openSince === undefined || this.#hasFailed) return;
      this.#timer = setTimeout(() => void this.visible().catch(() => {}), Math.max(1, this.#dueIn));
    });
    return this.#work;
  }

  async #putInJournal(batch: WaitingBatch): Promise<void> {
    const { journal, health } = this.#parts;
    if (this.#hasFailed) throw new Failure('STORE_REOPENING');
    batch.firstSeq = this.#nextSeq;
    const records = batch.requests.map(({ record }) => ({ ...record, seq: batch.firstSeq + record.seq }));
    try {
      await journal.append(records);
    } catch (cause) {
      const error = says(cause, 'diskFull') ? new Failure('DISK_FULL') : cause;
      this.#isRefusalNoted = true;
      health.note('writing', error);
      throw error;
    }
    if (this.#isRefusalNoted) health.note('writing', undefined);
    this.#isRefusalNoted = false;
    this.#nextSeq += batch.rowCount;
  }

  /** Milliseconds until the open transaction has to be committed. */
  get #dueIn(): number {
    const since = this.#parts.table.openSince;
    return since === undefined ? Number.POSITIVE_INFINITY : since + COMMIT_MS - performance.now();
  }
}

/** The messages of a request that came in another form than protobuf, or as a part of a larger one. */
function encode(request: ExportRequest): Uint8Array {
  return isLogs(request) ? encodeLogs(request) : encodeTraces(request);
}
