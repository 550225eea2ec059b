import { setTimeout as sleep } from 'node:timers/promises';
import { SAMPLE_RATE_FIELD } from '../fields/core-fields.ts';
import { settlesWithin } from '../http/settles-within.ts';
import { deadlineIn, leftOf } from '../shared/deadline.ts';
import { rowGroupRowsOf } from './database.ts';
import {
  DiskFullError,
  Failures,
  StoreBusyError,
  StoreClosedError,
  StoreReopeningError,
  says,
  verdictOf,
} from './errors.ts';
import type { ExportRequest } from './export-request.ts';
import { itemCount, signalOf } from './export-request.ts';
import { READ_AGAIN_S, READER_WAIT_MS } from './readers.ts';
import type { Trial } from './replay.ts';
import { readParts, readScope } from './scopes.ts';
import type { FileEvents } from './store-file.ts';
import { StoreFile } from './store-file.ts';
import type {
  Dataset,
  Deleted,
  Deletion,
  Field,
  FileOptions,
  ReadOptions,
  ReadResult,
  SpanStore,
  StoredScope,
  StoreOptions,
  StoreStats,
  WriteResult,
  WrittenBatch,
} from './types.ts';
import type { Batch } from './writer.ts';

/** Before the file is opened anew, and between two tries. */
const PAUSE_MS = 2_000;
/** Beside what took the memory, a deletion may find it a little later. */
const DELETE_AGAIN_S = 5;

const DEFAULTS = {
  maxBytes: 1024 ** 3,
  maxAgeMs: 7 * 24 * 60 * 60 * 1000,
  maxColumns: 256,
  maintenanceIntervalMs: 10_000,
  memoryMb: 128,
};
type Options = StoreOptions & FileOptions & Pick<typeof DEFAULTS, 'maintenanceIntervalMs'>;

/**
 * Opens the store in a directory, or makes it. A file that cannot be read is moved aside, and a new store begun; one
 * that only cannot be used at present, such as by the lock of another explorer, is left alone.
 * @throws StoreOpenError when the file is in use, or the file system refuses it
 * @example const store = await openStore({ directory: '.data/explorer' });
 */
export async function openStore(given: StoreOptions): Promise<SpanStore> {
  const rowGroupRows = rowGroupRowsOf(given.maxBytes ?? DEFAULTS.maxBytes);
  const store = new Store({ ...DEFAULTS, rowGroupRows, ...given });
  await store.start();
  return store;
}

/**
 * The store over its files. When DuckDB or the disk fails, they are let go of, opened anew, and what is missing is written from
 * the journal. Meanwhile everybody is asked to come back.
 */
class Store implements SpanStore {
  readonly #options: Options;
  readonly #failures: Failures;
  readonly #listeners = new Set<(written: WrittenBatch) => void>();
  readonly #deletionListeners = new Set<() => void>();
  readonly #trial: Trial = { isCareful: false, seq: 0, tries: 0, error: undefined, failures: 0 };
  #opened: StoreFile | undefined;
  #reopening: Promise<void> | undefined;
  #isClosed = false;
  #upkeep: Promise<void> | undefined;
  #upkeepTimer: NodeJS.Timeout | undefined;
  /** Whether something was taken since the file was opened. */
  #hasTaken = false;
  /** Whether what was replayed is in memory only. */
  #isReplayed = false;

  constructor(options: Options) {
    this.#options = options;
    this.#failures = new Failures(options);
  }

  /** @throws StoreOpenError */
  async start(): Promise<void> {
    await this.#open(undefined);
    this.#keepUp();
    this.#upkeepTimer = setInterval(() => this.#keepUp(), this.#options.maintenanceIntervalMs);
    this.#upkeepTimer.unref();
  }

  fields(dataset?: string): ReadonlyMap<string, Field> {
    return this.#file.files.fields.named(dataset);
  }

  sampleRate(): Field | undefined {
    return this.#file.files.fields.stored(SAMPLE_RATE_FIELD);
  }

  async datasets(): Promise<readonly Dataset[]> {
    return this.#file.files.contents.datasets();
  }

  datasetFields(dataset: string): ReadonlyMap<string, number> | undefined {
    return this.#file.files.fields.ofDataset(dataset);
  }

  async read(sql: string, values: readonly unknown[] = [], options: ReadOptions = {}): Promise<ReadResult> {
    const { signal, deadline = deadlineIn(READER_WAIT_MS) } = options;
    return this.#ask(async ({ writer, readers }) => {
      const isVisible = await settlesWithin(writer.visible(), leftOf(deadline), signal);
      signal?.throwIfAborted();
      if (!isVisible) throw new StoreBusyError(READ_AGAIN_S);
      if (this.#reopening !== undefined) throw new StoreReopeningError();
      return readers.read(sql, values, options);
    }).catch((error) => {
      // The store names the columns. Whoever asks again finds out which there are now.
      throw says(error, 'missingColumn') ? new StoreBusyError(1, 'Everything was deleted meanwhile') : error;
    });
  }

  /** Without waiting in here, which would keep the request in memory until it is written. */
  write(request: ExportRequest): Promise<WriteResult> {
    if (this.#isClosed) return Promise.reject(new StoreClosedError());
    if (this.#reopening !== undefined) return Promise.reject(new StoreReopeningError());
    const { files, writer } = this.#file;
    files.contents.drop('rejected', signalOf(request), request.rejectedCount);
    if (itemCount(request) === 0) return Promise.resolve({ rows: 0, items: 0 });
    return writer.write(request).catch((error) => this.#comeAgain(error));
  }

  onWritten(listener: (written: WrittenBatch) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async delete(which: Deletion): Promise<Deleted> {
    const deleted = await this.#ask(({ writer, retention, table }) => {
      // What is not replayed would come back.
      if (writer.stalled !== undefined) throw writer.stalled;
      return writer.exclusively(async (connection) => {
        await table.idle();
        return retention.delete(connection, which);
      });
    }).catch((error) => {
      throw verdictOf(error) === 'retry'
        ? new StoreBusyError(DELETE_AGAIN_S, 'There was too little memory for the deletion')
        : error;
    });
    this.#tellDeleted();
    return deleted;
  }

  onDeleted(listener: () => void): () => void {
    this.#deletionListeners.add(listener);
    return () => this.#deletionListeners.delete(listener);
  }

  scope(id: number): Promise<StoredScope | undefined> {
    return readScope((...read) => this.read(...read), id);
  }

  async wholeSpan(seq: number, stored: Uint8Array, bytes: number): Promise<Uint8Array | undefined> {
    if (stored.byteLength === bytes) return stored;
    const whole = await readParts((...read) => this.read(...read), seq);
    return whole.byteLength === bytes ? whole : undefined;
  }

  stats(): StoreStats {
    const { fields, contents, journal } = this.#file.files;
    const { maxBytes, maxAgeMs } = this.#options;
    const { rows, spans, logs, oldest, fileBytes } = contents;
    return {
      rows,
      spans,
      logs,
      oldest,
      bytes: fileBytes + journal.bytes,
      maxBytes,
      maxAgeMs,
      fields: fields.named().size,
      spilledFields: fields.overflowing,
      dropped: contents.dropped('traces'),
      droppedLogs: contents.dropped('logs'),
      notices: [...fields.notices(), ...contents.notices(maxBytes), ...this.#failures.notices()],
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#upkeepTimer);
    await this.#reopening;
    await this.#upkeep;
    const error = await this.#opened?.close();
    if (error !== undefined) this.#failures.note('checkpoint', error);
  }

  get #file(): StoreFile {
    if (this.#opened === undefined) throw new StoreClosedError();
    return this.#opened;
  }

  /** @throws StoreReopeningError while the file is opened anew, or has to be */
  async #ask<T>(ask: (file: StoreFile) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new StoreClosedError();
    if (this.#reopening !== undefined) throw new StoreReopeningError();
    try {
      return await ask(this.#file);
    } catch (error) {
      return this.#comeAgain(error);
    }
  }

  /** @throws StoreReopeningError where the file has to be opened anew, the error itself otherwise */
  #comeAgain(error: unknown): never {
    const isGivenUp = says(error, 'givenUp');
    if (isGivenUp) this.#recover(error);
    // What still waited for its turn, or was under way, hears that its file is closed.
    const isAbandoned = error instanceof StoreClosedError && !this.#isClosed;
    throw isAbandoned || isGivenUp ? new StoreReopeningError() : error;
  }

  /** @param failure why the file is opened anew; undefined at the start */
  async #open(failure: unknown): Promise<void> {
    const events: FileEvents = {
      onWritten: (written) => this.#tellWritten(written),
      onJournal: (error) => this.#failures.note('writing', error),
      onLost: (sentence) => this.#failures.noteLoss(sentence),
      onFailure: (error) => {
        this.#failures.note('journal', error);
        this.#recover(error);
      },
      onCheckpoint: (error) => this.#checkpointEnded(error),
    };
    this.#opened = await StoreFile.open(this.#options, events, this.#trial, failure);
    const { files, writer } = this.#opened;
    this.#trial.isCareful = false;
    this.#hasTaken = false;
    this.#isReplayed = !files.journal.isEmpty;
    this.#failures.clear();
    this.#failures.note('journal', writer.stalled);
  }

  /** The one way out of every failure of DuckDB and the disk: abandon, reopen, replay. */
  #recover(error: unknown): void {
    if (this.#reopening !== undefined || this.#isClosed) return;
    // A record may be the reason: each is written by itself.
    if (verdictOf(error) !== 'reopen') this.#trial.isCareful = true;
    this.#reopening = this.#reopen(error);
  }

  async #reopen(failure: unknown): Promise<void> {
    await this.#file.abandon();
    for (let error = failure; error !== undefined; ) {
      await sleep(PAUSE_MS);
      if (this.#isClosed) return;
      error = await this.#open(error).catch((next: unknown) => next);
      this.#failures.note('reopening', error);
    }
    this.#reopening = undefined;
    this.#keepUp();
    this.#options.onReopened?.();
    // What was written meanwhile was told to nobody: whoever follows the store reads it again, as after a deletion.
    this.#tellDeleted();
  }

  #checkpointEnded(error: unknown): void {
    if (this.#reopening !== undefined) return;
    this.#failures.note('checkpoint', error);
    if (error === undefined) return;
    // Not again and again: where nothing came since, there is nothing more to evict.
    const canEvict = this.#hasTaken && this.#file.table.isOverCap;
    if (!(error instanceof DiskFullError) || canEvict) this.#recover(error);
  }

  /** Saves what is kept in memory, drops what is too old or too much, and sees whether there is room again; one run at a time. */
  #keepUp(): void {
    const { writer, retention, table } = this.#file;
    if (this.#isClosed || this.#reopening !== undefined || this.#upkeep !== undefined) return;
    const task = async () => {
      if (writer.stalled !== undefined) {
        if (await this.#file.hasRoom()) this.#recover(writer.stalled);
        return;
      }
      await writer.exclusively(async (connection) => {
        await table.idle();
        if (this.#isReplayed || table.full !== undefined) await table.checkpoint();
        this.#isReplayed = false;
        await retention.run(connection);
      });
      this.#failures.note('checkpoint', undefined);
      this.#failures.note('upkeep', undefined);
    };
    this.#upkeep = task()
      .catch((error) => {
        if (error instanceof DiskFullError) return this.#checkpointEnded(error);
        if (error instanceof StoreReopeningError) return;
        this.#failures.note('upkeep', error);
        if (verdictOf(error) === 'reopen') this.#recover(error);
      })
      .finally(() => {
        this.#upkeep = undefined;
      });
  }

  #tellWritten({ rows, requests, firstSeq }: Batch): void {
    this.#hasTaken = true;
    if (this.#listeners.size === 0) return;
    const traceIds = new Set(rows.columns.get('trace.trace_id')?.values);
    traceIds.delete(undefined);
    const logs = requests.reduce((sum, { signal, items }) => sum + (signal === 'logs' ? items : 0), 0);
    const batch = { seq: firstSeq + rows.rowCount - 1, logs, traceIds: [...traceIds].map(String) };
    for (const listener of this.#listeners) {
      try {
        listener(batch);
      } catch (error) {
        // The spans are stored: their sender must not be told otherwise.
        process.emitWarning(error instanceof Error ? error : String(error));
      }
    }
  }

  #tellDeleted(): void {
    for (const listener of this.#deletionListeners) listener();
  }
}
