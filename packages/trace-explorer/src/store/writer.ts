import type { DuckDBConnection } from '@duckdb/node-api';
import { nextTurn } from '../shared/next-turn.ts';
import { DiskFullError, isDiskFull, StoreBusyError, StoreClosedError } from './errors.ts';
import type { Counted, ExportRequest } from './export-request.ts';
import { itemCount } from './export-request.ts';
import type { Frame } from './journal/frame.ts';
import { FRAME_BYTES } from './journal/frame.ts';
import { framesOfRequest } from './journal/journal-request.ts';
import type { RecoveryOptions } from './recovery.ts';
import { Recovery } from './recovery.ts';
import type { RowAppenderOptions } from './row-appender.ts';
import { RowAppender } from './row-appender.ts';
import type { WriteResult } from './types.ts';
import type { Batch } from './waiting-requests.ts';
import { WaitingRequests } from './waiting-requests.ts';

/**
 * Rows that may wait for each millisecond since the last commit: of little traffic, every request is committed as it comes,
 * and a busy store commits a few times a second.
 */
const ROWS_PER_MS = 20;
/** After which rows are committed in any case: whoever reads commits what there is, and waits for no more than that. */
const OPEN_MS = 150;
/** The same where the transaction fills within this time: a full one takes half of the processor time. */
const FULL_MS = 2_000;
/** On a machine that is busy both are longer: there are so many times the last commit's duration between two. */
const COMMIT_SHARE = 4;

/**
 * Rows of others that may be written while the pieces of a large message are. Their numbers are kept for them, as `_seq`
 * follows the order of commits, which readers of what is new rely on; those that nobody took stay unused.
 */
const ROWS_BETWEEN = 4_096;

export interface WriterOptions extends RowAppenderOptions, RecoveryOptions {
  /** `_seq` of the first row. */
  readonly nextSeq: number;
  /** Told of requests that were not taken: whoever sent them is asked to send them again. */
  readonly onDropped: (reason: 'busy', counted: Counted) => void;
  /** Why nothing is to be taken at present; undefined when there is room. */
  readonly diskFull: () => DiskFullError | undefined;
  /** Told why the journal could not be written, and when it could be again. */
  readonly onJournal: (error: unknown) => void;
}

/**
 * The one writer. A request is answered when it is in the journal, on disk, and its rows are on their way into the open
 * transaction, which is committed when it is as large as a row group, when it has been open for long enough, or when
 * somebody wants to read.
 */
export class Writer {
  readonly #options: WriterOptions;
  readonly #appender: RowAppender;
  readonly #recovery: Recovery;
  readonly #requests = new WaitingRequests();
  readonly #tasks: (() => Promise<void>)[] = [];
  #readers: (() => void)[] = [];
  #nextSeq: number;
  /** `performance.now()` of the last commit. */
  #lastCommit = 0;
  /** How long it took. */
  #commitMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#appender = new RowAppender(options);
    this.#recovery = new Recovery(this.#appender, options);
    this.#nextSeq = options.nextSeq;
  }

  /** The database has all rows below, once a checkpoint has run. */
  get committedSeq(): number {
    return this.#appender.committedSeq;
  }

  /** @throws StoreBusyError, StoreClosedError, or why the disk could not be written */
  async write(request: ExportRequest): Promise<WriteResult> {
    if (this.#closed) throw new StoreClosedError();
    const written = this.#add(request);
    this.#run();
    return written;
  }

  /** Resolves when everything that was answered before is visible. */
  visible(): Promise<void> {
    if (this.#appender.uncommitted === undefined && !this.#appender.isCommitting) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#readers.push(resolve);
    this.#run();
    return promise;
  }

  /** Runs a task between two transactions, alone on the writer's connection. */
  exclusively<T>(task: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const done = new Promise<T>((resolve, reject) => {
      this.#tasks.push(() => task(this.#options.connection).then(resolve, reject));
    });
    this.#run();
    return done;
  }

  /** The same for a task that may make the tables anew. */
  rebuilding<T>(task: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.exclusively(async (connection) => {
      try {
        return await task(connection);
      } finally {
        this.#appender.forgetTable();
      }
    });
  }

  /**
   * Writes what the journal has and the database does not, before anything else is written.
   * @param onProgress told of the rows written so far
   * @throws StoreOpenError, or the file system's error, when the journal cannot be read
   */
  replay(onProgress: (rows: number) => void): Promise<void> {
    return this.exclusively(async () => {
      await this.#recovery.replay(onProgress);
      this.#nextSeq = Math.max(this.#nextSeq, this.#options.journal.endSeq);
    });
  }

  /** Finishes what waits and refuses anything more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.exclusively(async () => {});
    await this.#running;
    this.#appender.close();
  }

  #add(request: ExportRequest): Promise<WriteResult> {
    try {
      return this.#requests.add(request);
    } catch (error) {
      if (error instanceof StoreBusyError) this.#options.onDropped('busy', request);
      throw error;
    }
  }

  #run(): void {
    this.#running ??= this.#loop();
  }

  async #loop(): Promise<void> {
    clearTimeout(this.#timer);
    // Lets requests that are already in the socket join the first transaction.
    await nextTurn();
    for (;;) {
      const task = this.#tasks.shift();
      if (task !== undefined) {
        await this.#commit();
        await task();
      }
      if (this.#appender.hasFailed || this.#recovery.dueIn <= 0) await this.#recovery.writeAgain();
      const batch = this.#requests.take();
      if (batch !== undefined) await this.#write(batch);
      if (this.#closed || this.#readers.length > 0 || this.#dueIn() <= 0) await this.#commit();
      if (this.#tasks.length === 0 && this.#requests.isEmpty && this.#readers.length === 0) break;
    }
    // In the same turn as the last look at what waits: a write after it starts the loop again.
    this.#running = undefined;
    const dueIn = this.#recovery.stalled === undefined ? this.#dueIn() : this.#recovery.dueIn;
    if (dueIn < Number.POSITIVE_INFINITY && !this.#closed)
      this.#timer = setTimeout(() => this.#run(), Math.max(1, dueIn));
  }

  /** Milliseconds until the open transaction is to be committed. */
  #dueIn(): number {
    const { uncommitted } = this.#appender;
    // To hear how a commit ended that nobody waits for.
    if (uncommitted === undefined) return this.#appender.isCommitting ? OPEN_MS : Number.POSITIVE_INFINITY;
    const { rows, since } = uncommitted;
    const now = performance.now();
    const age = now - since;
    const isBusy = !this.#requests.isEmpty || (rows / age) * FULL_MS >= this.#options.rowGroupRows;
    const openFor = Math.max(isBusy ? FULL_MS : OPEN_MS, this.#commitMs * COMMIT_SHARE) - age;
    return isBusy ? openFor : Math.min(rows / ROWS_PER_MS - (now - this.#lastCommit), openFor);
  }

  async #commit(): Promise<void> {
    const readers = this.#readers;
    this.#readers = [];
    const started = performance.now();
    try {
      await this.#appender.commit();
    } catch {
      await this.#recovery.writeAgain();
    }
    this.#lastCommit = performance.now();
    this.#commitMs = this.#lastCommit - started;
    for (const resolve of readers) resolve();
  }

  /** Writes requests into the journal and the open transaction, and answers them. */
  async #write(batch: Batch): Promise<void> {
    const { rows, requests } = batch;
    try {
      const { stalled } = this.#recovery;
      if (stalled !== undefined) throw stalled.error;
      const full = this.#options.diskFull();
      if (full !== undefined) throw full;
      // What fails here fails again when the rows are written, which are acknowledged by then, and recovered.
      await this.#appender
        .widenColumns(rows, () => this.#letOthers(Number.POSITIVE_INFINITY))
        .catch(() => {});
      const now = Date.now();
      rows.numberScopes(this.#options.scopes);
      const firstSeq =
        batch.bytes <= FRAME_BYTES ? await this.#journal(batch) : await this.#journalLarge(batch);
      // From here on they are acknowledged, whatever becomes of the database.
      try {
        await this.#appender.append(rows, firstSeq, now);
        this.#options.onWritten({ rows, requests: requests.map(({ counted }) => counted), firstSeq, now });
      } catch {
        await this.#recovery.writeAgain();
      }
      for (const { counted, from, to, resolve } of requests)
        resolve({ rows: to - from, items: itemCount(counted) });
    } catch (error) {
      for (const { counted, reject } of requests) {
        this.#options.onDropped('busy', counted);
        reject(error);
      }
    } finally {
      this.#requests.release(batch);
    }
  }

  /** Writes requests to the journal. Resolves with the number of their first row. */
  async #journal({ rows, requests }: Batch): Promise<number> {
    const firstSeq = this.#nextSeq;
    this.#nextSeq += rows.rowCount;
    await this.#append(requests.flatMap((request) => framesOfRequest(request, rows, firstSeq)));
    for (const request of requests) request.whole = undefined;
    return firstSeq;
  }

  /** The same for large requests, piece by piece: small ones are written between two. */
  async #journalLarge({ rows, requests }: Batch): Promise<number> {
    const firstSeq = this.#nextSeq + ROWS_BETWEEN;
    const letOthers = () => this.#letOthers(firstSeq - this.#nextSeq);
    try {
      await this.#appender.writePieces(rows, firstSeq, letOthers);
      for (const request of requests) {
        for (const frame of framesOfRequest(request, rows, firstSeq)) {
          await letOthers();
          await this.#append([frame]);
        }
        request.whole = undefined;
      }
    } finally {
      // After a failure, too: some of it may have been written under these numbers.
      this.#nextSeq = firstSeq + rows.rowCount;
    }
    return firstSeq;
  }

  /** Writes small requests of so many rows at most while another one takes long, and lets readers see what there is. */
  async #letOthers(maxRows: number): Promise<void> {
    const others = this.#requests.takeSmall(maxRows, (rows) => this.#appender.fitsColumns(rows));
    if (others !== undefined) await this.#write(others);
    if (this.#readers.length > 0) await this.#commit();
  }

  /** @throws DiskFullError, or the file system's error */
  async #append(frames: readonly Frame[]): Promise<void> {
    try {
      await this.#options.journal.append(frames);
    } catch (cause) {
      const error = isDiskFull(cause) ? new DiskFullError(cause) : cause;
      this.#options.onJournal(error);
      throw error;
    }
    this.#options.onJournal(undefined);
  }
}
