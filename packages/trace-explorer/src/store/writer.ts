import type { DuckDBConnection } from '@duckdb/node-api';
import { nextTurn } from '../shared/next-turn.ts';
import { DiskFullError, isDiskFull, isOutsideTheRows, StoreBusyError, StoreClosedError } from './errors.ts';
import type { ExportRequest, Signal } from './export-request.ts';
import { isLogs, itemCount, rowCount } from './export-request.ts';
import type { Frame } from './journal/frame.ts';
import { FRAME_BYTES } from './journal/frame.ts';
import type { Damage, Journal } from './journal/journal.ts';
import { framesOfRequest } from './journal/journal-request.ts';
import { mapRequest } from './map-request.ts';
import type { ReplayGroup } from './replay.ts';
import { replayed } from './replay.ts';
import type { RowAppenderOptions } from './row-appender.ts';
import { RowAppender } from './row-appender.ts';
import { RowBuffer } from './row-buffer.ts';
import type { WriteResult } from './types.ts';
import type { Waiting } from './waiting-requests.ts';
import { WaitingRequests } from './waiting-requests.ts';

/** Items that are mapped before they are written: of more, the garbage collector takes half as long again as the mapping. */
const TAKEN_ITEMS = 4_096;

/**
 * Rows that may wait for each millisecond since the last commit: of little traffic, every request is committed as it comes,
 * and a busy store commits a few times a second.
 */
const ROWS_PER_MS = 20;
/** After which rows are committed in any case, for views that follow what is new. */
const VISIBLE_MS = 150;
/** The same where the transaction fills within this time: a full one takes half of the processor time. */
const FULL_MS = 500;
/** On a machine that is busy both are longer: there are so many times the last commit's duration between two. */
const COMMIT_SHARE = 4;

/**
 * Rows of others that may be written while the pieces of a large message are. Their numbers are kept for them, as `_seq`
 * follows the order of commits, which readers of what is new rely on; those that nobody took stay unused.
 */
const ROWS_BETWEEN = 4_096;

/** Rows of a group that is replayed. */
const REPLAYED_ROWS = 4_096;

/** Rows that are written again at a time when a transaction of more has failed. */
const FEW_ROWS = 256;
/** After which it is tried again to write what is in the journal. */
const TRY_AGAIN_MS = 2_000;
/** How often until a record that fails by itself is left out: a query may have had the memory that it needs. */
const MAX_TRIES = 15;

/** Requests that were written together. */
export interface Committed {
  readonly rows: RowBuffer;
  readonly requests: readonly ExportRequest[];
  readonly firstSeq: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface WriterOptions extends RowAppenderOptions {
  readonly journal: Journal;
  /** `_seq` of the first row. */
  readonly nextSeq: number;
  /** Told of rows that are written, and not visible before `onCommitted` is told. */
  readonly onWritten: (written: Committed) => void;
  /** Told that everything which was written is visible. */
  readonly onCommitted: () => void;
  /** Told after rows were taken back and written again: what was counted of them is wrong. */
  readonly onRewritten: (connection: DuckDBConnection) => Promise<void>;
  /** Told of requests that were not taken: whoever sent them is asked to send them again. */
  readonly onDropped: (reason: 'busy', request: ExportRequest) => void;
  /** Told of spans, or log records, that were acknowledged and can never be stored, and why. */
  readonly onLost: (count: number, signal: Signal, error: unknown) => void;
  /** Told of what was acknowledged and cannot be read any more. */
  readonly onDamage: (damage: Damage) => void;
  /** Why nothing is to be taken at present; undefined when there is room. */
  readonly diskFull: () => DiskFullError | undefined;
  /** Told why the journal could not be written, and when it could be again. */
  readonly onJournal: (error: unknown) => void;
  /** Told while what is in the journal cannot be written to the database, and when it can be again. */
  readonly onStalled: (error: unknown) => void;
  /** Milliseconds after which it is tried again; default 2 s. */
  readonly tryAgainMs?: number;
}

/**
 * The one writer. A request is answered when it is in the journal, on disk, and in the open transaction, which is committed
 * when it is as large as a row group, when it has been open for long enough, or when somebody wants to read.
 */
export class Writer {
  readonly #options: WriterOptions;
  readonly #appender: RowAppender;
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
  /** Why what is in the journal cannot be written to the database at present. */
  #stalled: { readonly error: unknown; readonly since: number } | undefined;
  /** The record that it fails with, by its first row. */
  #failing = { firstSeq: 0, tries: 0 };
  #closed = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#appender = new RowAppender(options);
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
    if (this.#appender.uncommitted === undefined) return Promise.resolve();
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
      let written = 0;
      let isWritten = true;
      // To its end in any case: where the journal ends is where new records go on.
      for await (const { rows, firstSeq, from, now } of this.#replayed(REPLAYED_ROWS)) {
        if (!isWritten) continue;
        try {
          await this.#appender.writePiecesAgain(rows, firstSeq, from);
          await this.#appender.append(rows, firstSeq, now, from);
        } catch {
          isWritten = false;
        }
        written += rows.rowCount - from;
        onProgress(written);
      }
      await this.#appender.commit().catch(() => {
        isWritten = false;
      });
      if (!isWritten) await this.#writeAgain();
      else if (written > 0) await this.#options.onRewritten(this.#options.connection);
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
      if (this.#stalled !== undefined) await this.#tryAgain();
      if (!this.#requests.isEmpty) await this.#write(this.#requests.take(TAKEN_ITEMS));
      if (this.#closed || this.#readers.length > 0 || this.#dueIn() <= 0) await this.#commit();
      if (this.#tasks.length === 0 && this.#requests.isEmpty && this.#readers.length === 0) break;
    }
    // In the same turn as the last look at what waits: a write after it starts the loop again.
    this.#running = undefined;
    const dueIn = this.#stalled === undefined ? this.#dueIn() : this.#tryAgainMs;
    if (dueIn < Number.POSITIVE_INFINITY && !this.#closed)
      this.#timer = setTimeout(() => this.#run(), Math.max(1, dueIn));
  }

  /** Milliseconds until the open transaction is to be committed. */
  #dueIn(): number {
    const { uncommitted } = this.#appender;
    if (uncommitted === undefined) return Number.POSITIVE_INFINITY;
    const { rows, since } = uncommitted;
    const now = performance.now();
    const age = now - since;
    const isBusy = !this.#requests.isEmpty || (rows / age) * FULL_MS >= this.#options.rowGroupRows;
    const visibleIn = Math.max(isBusy ? FULL_MS : VISIBLE_MS, this.#commitMs * COMMIT_SHARE) - age;
    return isBusy ? visibleIn : Math.min(rows / ROWS_PER_MS - (now - this.#lastCommit), visibleIn);
  }

  async #commit(): Promise<void> {
    const readers = this.#readers;
    this.#readers = [];
    const started = performance.now();
    try {
      await this.#appender.commit();
    } catch {
      await this.#writeAgain();
    }
    this.#commitMs = performance.now() - started;
    this.#committed();
    for (const resolve of readers) resolve();
  }

  #committed(): void {
    this.#lastCommit = performance.now();
    this.#options.onCommitted();
  }

  /** Writes requests into the journal and the open transaction, and answers them. */
  async #write(taken: readonly Waiting[]): Promise<void> {
    try {
      if (this.#stalled !== undefined) throw this.#stalled.error;
      const full = this.#options.diskFull();
      if (full !== undefined) throw full;
      const requests = taken.map(({ request }) => request);
      const now = Date.now();
      const bytes = taken.reduce((sum, waiting) => sum + waiting.bytes, 0);
      const { rows, firstSeq } =
        bytes <= FRAME_BYTES ? await this.#prepare(requests, now) : await this.#prepareLarge(requests, now);
      // From here on they are acknowledged, whatever becomes of the database.
      try {
        await this.#appender.append(rows, firstSeq, now);
        this.#options.onWritten({ rows, requests, firstSeq, now });
        if (this.#appender.uncommitted === undefined) this.#committed();
      } catch {
        await this.#writeAgain();
      }
      for (const { request, resolve } of taken)
        resolve({ rows: rowCount(request), items: itemCount(request) });
    } catch (error) {
      for (const { request, reject } of taken) {
        this.#options.onDropped('busy', request);
        reject(error);
      }
    } finally {
      this.#requests.release(taken);
    }
  }

  async #tryAgain(): Promise<void> {
    if (performance.now() - (this.#stalled?.since ?? 0) >= this.#tryAgainMs) await this.#writeAgain();
  }

  get #tryAgainMs(): number {
    return this.#options.tryAgainMs ?? TRY_AGAIN_MS;
  }

  /**
   * Takes the open transaction back, and writes what is in the journal and not in the database record by record. What
   * fails even so is tried again later, and left out in the end, unless the reason lies outside the rows.
   */
  async #writeAgain(): Promise<void> {
    await this.#appender.rollback();
    try {
      for await (const group of this.#replayed(0)) await this.#writeInSteps(group);
      this.#stalled = undefined;
    } catch (error) {
      await this.#appender.rollback();
      this.#stalled = { error, since: performance.now() };
    }
    this.#options.onStalled(this.#stalled?.error);
    await this.#options.onRewritten(this.#options.connection);
    this.#committed();
  }

  #replayed(maxRows: number): AsyncGenerator<ReplayGroup, void> {
    const { journal, scopes, onDamage, onLost } = this.#options;
    return replayed(journal.read(onDamage), this.committedSeq, {
      scopes,
      maxRows,
      maxBytes: FRAME_BYTES,
      onLost,
    });
  }

  /** Counts the tries with a record. */
  #isHopeless(firstSeq: number): boolean {
    if (this.#failing.firstSeq !== firstSeq) this.#failing = { firstSeq, tries: 0 };
    return ++this.#failing.tries > MAX_TRIES;
  }

  /** @throws an error that lies outside the rows, or is worth another try */
  async #writeInSteps({ rows, firstSeq, from, now, requests }: ReplayGroup): Promise<void> {
    let step = rows.rowCount;
    for (let at = from; at < rows.rowCount; ) {
      const to = Math.min(rows.rowCount, at + step);
      try {
        if (at === from) await this.#appender.writePiecesAgain(rows, firstSeq, from);
        await this.#appender.append(rows, firstSeq, now, at, to);
        await this.#appender.commit();
        if (to === rows.rowCount) this.#options.onWritten({ rows, requests, firstSeq, now });
        at = to;
      } catch (error) {
        await this.#appender.rollback();
        if (isOutsideTheRows(error)) throw error;
        if (step > FEW_ROWS) step = FEW_ROWS;
        else if (!this.#isHopeless(firstSeq)) throw error;
        else {
          const lost = rows.spans.slice(at, to).filter((message) => message !== undefined).length;
          this.#options.onLost(lost, requests.every(isLogs) ? 'logs' : 'traces', error);
          await this.#appender.skip(firstSeq + to);
          at = to;
        }
      }
    }
  }

  /** Writes requests to the journal while their rows are made. */
  async #prepare(requests: readonly ExportRequest[], now: number): Promise<Prepared> {
    const firstSeq = this.#nextSeq;
    const frames: Frame[] = [];
    for (const request of requests) {
      frames.push(...framesOfRequest(request, this.#nextSeq, now));
      this.#nextSeq += rowCount(request);
    }
    const [rows, journaled] = await Promise.allSettled([this.#map(requests, now), this.#journal(frames)]);
    if (journaled.status === 'rejected') throw journaled.reason;
    if (rows.status === 'rejected') throw rows.reason;
    return { rows: rows.value, firstSeq };
  }

  /** The same for large requests, piece by piece: small ones are written between two. */
  async #prepareLarge(requests: readonly ExportRequest[], now: number): Promise<Prepared> {
    const rows = await this.#map(requests, now);
    const firstSeq = this.#nextSeq + ROWS_BETWEEN;
    const letOthers = async () => {
      const others = this.#requests.takeSmall(firstSeq - this.#nextSeq);
      if (others.length > 0) await this.#write(others);
      if (this.#readers.length > 0) await this.#commit();
    };
    try {
      await this.#appender.writePieces(rows, firstSeq, letOthers);
      let seq = firstSeq;
      for (const request of requests) {
        for (const frame of framesOfRequest(request, seq, now)) {
          await letOthers();
          await this.#journal([frame]);
        }
        seq += rowCount(request);
      }
    } finally {
      // After a failure, too: some of it may have been written under these numbers.
      this.#nextSeq = firstSeq + rows.rowCount;
    }
    return { rows, firstSeq };
  }

  /** @throws DiskFullError, or the file system's error */
  async #journal(frames: readonly Frame[]): Promise<void> {
    try {
      await this.#options.journal.append(frames);
    } catch (cause) {
      const error = isDiskFull(cause) ? new DiskFullError(cause) : cause;
      this.#options.onJournal(error);
      throw error;
    }
    this.#options.onJournal(undefined);
  }

  async #map(requests: readonly ExportRequest[], now: number): Promise<RowBuffer> {
    const rows = new RowBuffer();
    for (const request of requests) {
      // A request of 512 spans takes some 2 ms to map; others get their turn between two.
      await nextTurn();
      mapRequest(request, now, this.#options.scopes, rows);
    }
    return rows;
  }
}

interface Prepared {
  readonly rows: RowBuffer;
  readonly firstSeq: number;
}
