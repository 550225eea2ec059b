import { setTimeout as sleep } from 'node:timers/promises';
import { SAMPLE_RATE_FIELD } from '../fields/core-fields.ts';
import { settlesWithin } from '../http/settles-within.ts';
import { deadlineIn, leftOf } from '../shared/deadline.ts';
import { openError } from './database.ts';
import {
  DiskFullError,
  Failures,
  READ_AGAIN_S,
  StoreBusyError,
  StoreClosedError,
  StoreReopeningError,
  says,
  verdictOf,
} from './errors.ts';
import { READER_WAIT_MS } from './readers.ts';
import { Counts } from './retention.ts';
import { readParts, readScope } from './scopes.ts';
import type { FileEvents, Known, Options } from './store-file.ts';
import { optionsOf, StoreFile } from './store-file.ts';
import type {
  Dataset,
  Deleted,
  Deletion,
  ExportRequest,
  Field,
  ReadOptions,
  ReadResult,
  SpanStore,
  StoredScope,
  StoreOptions,
  StoreStats,
  WriteResult,
  WrittenBatch,
} from './types.ts';
import { itemCount, signalOf } from './types.ts';
import type { Batch } from './writer.ts';
import { writtenOf } from './writer.ts';

/** Milliseconds before each try to open the file anew. */
const PAUSE_MS = 2_000;

/**
 * Opens the store in a directory, or makes it.
 * @throws StoreOpenError when the file is in use, cannot be read, or the file system refuses it
 * @example const store = await openStore({ directory: '.data/explorer' });
 */
export async function openStore(given: StoreOptions): Promise<SpanStore> {
  const store = new Store(optionsOf(given));
  await store.start();
  return store;
}

/**
 * The store over its files. After a failure of DuckDB or the disk it closes them, opens them anew, and replays the journal.
 * Everybody is asked to come back meanwhile.
 */
class Store implements SpanStore {
  readonly #options: Options;
  readonly #failures: Failures;
  readonly #listeners = new Set<(written: WrittenBatch) => void>();
  readonly #deletionListeners = new Set<() => void>();
  readonly #known: Known = { counts: new Counts(), isCareful: false, tries: new Map() };
  #opened: StoreFile | undefined;
  #reopening: Promise<void> | undefined;
  #isClosed = false;
  #upkeep: Promise<void> | undefined;
  #upkeepTimer: NodeJS.Timeout | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.#failures = new Failures(options);
  }

  async start(): Promise<void> {
    await this.#open();
    this.#keepUp(true);
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
    return this.#file.files.counts.datasets();
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
      // The next statement gets the columns that are there now.
      throw says(error, 'missingColumn') ? new StoreBusyError(1, 'Everything was deleted meanwhile') : error;
    });
  }

  /** Not async: an async function would keep the request in memory until it is written. */
  write(request: ExportRequest): Promise<WriteResult> {
    if (this.#isClosed) return Promise.reject(new StoreClosedError());
    if (this.#reopening !== undefined) return Promise.reject(new StoreReopeningError());
    const { files, writer } = this.#file;
    files.counts.drop('rejected', signalOf(request), request.rejectedCount);
    if (itemCount(request) === 0) return Promise.resolve({ rows: 0, items: 0 });
    return writer.write(request).catch((error) => this.#comeAgain(error));
  }

  onWritten(listener: (written: WrittenBatch) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async delete(which: Deletion): Promise<Deleted> {
    const deleted = await this.#ask(({ writer, retention }) =>
      writer.exclusively(() => retention.delete(which)),
    ).catch((error) => {
      const verdict = verdictOf(error);
      if (verdict === 'retry')
        throw new StoreBusyError(READ_AGAIN_S, 'There was too little memory for the deletion');
      if (verdict === 'reopen') this.#recover(error);
      throw verdict === 'reopen' ? new StoreReopeningError() : error;
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
    const { fields, counts, journal } = this.#file.files;
    const { maxBytes, maxAgeMs } = this.#options;
    const maxNow = Math.min(maxBytes, counts.cap);
    return {
      ...counts.totals(),
      bytes: counts.fileBytes + journal.bytes,
      maxBytes: maxNow,
      maxAgeMs,
      fields: fields.named().size,
      spilledFields: fields.overflowing,
      notices: [...fields.notices(), ...counts.notices(maxBytes), ...this.#failures.notices()],
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#upkeepTimer);
    await this.#reopening;
    await this.#upkeep;
    const error = await this.#opened?.close();
    this.#failures.note('checkpoint', error);
  }

  get #file(): StoreFile {
    if (this.#opened === undefined) throw new StoreClosedError();
    return this.#opened;
  }

  /** @throws StoreReopeningError during a recovery, or when one has to begin */
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
    // Requests that waited, or were under way, hear that their file is closed.
    const isAbandoned = error instanceof StoreClosedError && !this.#isClosed;
    throw isAbandoned || isGivenUp ? new StoreReopeningError() : error;
  }

  /** @throws StoreOpenError, DuckDB's error */
  async #open(): Promise<void> {
    const events: FileEvents = {
      onWritten: (written) => this.#tellWritten(written),
      onJournal: (error) => this.#failures.note('writing', error),
      onLost: (sentence) => this.#failures.noteLoss(sentence),
      onFailure: (error) => {
        this.#failures.note('commit', error);
        this.#recover(error);
      },
      onCheckpoint: (full) => {
        this.#failures.note('checkpoint', full);
        if (full !== undefined || this.#isDiskShort) this.#keepUp();
      },
    };
    this.#opened = await StoreFile.open(this.#options, events, this.#known);
    this.#failures.clear();
  }

  /** Whether the file has more bytes than the disk has room for. */
  get #isDiskShort(): boolean {
    const { fileBytes, cap } = this.#known.counts;
    return cap < this.#options.maxBytes && fileBytes > cap;
  }

  /** The one way out of every failure of DuckDB and the disk: abandon, reopen, replay. */
  #recover(error: unknown): void {
    if (this.#reopening !== undefined || this.#isClosed) return;
    // DuckDB may have refused a record: the replay writes each record by itself.
    if (verdictOf(error) !== 'reopen') this.#known.isCareful = true;
    this.#reopening = this.#reopen(error);
  }

  async #reopen(failure: unknown): Promise<void> {
    await this.#file.abandon();
    for (let error = failure; error !== undefined; ) {
      await sleep(PAUSE_MS);
      if (this.#isClosed) return;
      // A file with a damaged block takes no rows: a person has to remove it.
      if (says(failure, 'damaged')) error = openError(this.#options.directory, failure);
      else error = await this.#open().catch((next: unknown) => next);
      this.#failures.note('reopening', error);
    }
    this.#reopening = undefined;
    this.#keepUp(true);
    this.#options.onReopened?.();
    // Listeners were not told of the replayed rows: they read the store again, as after a deletion.
    this.#tellDeleted();
  }

  /**
   * Drops old traces, and looks whether the disk has room again. One run at a time.
   * @param isReplayed whether rows may be in the journal and not in the file
   */
  #keepUp(isReplayed = false): void {
    if (this.#isClosed || this.#reopening !== undefined || this.#upkeep !== undefined) return;
    if (this.#opened === undefined) return; // a checkpoint of the replay
    const { writer, retention, table } = this.#opened;
    const task = async () => {
      if (isReplayed || table.full !== undefined) await table.checkpoint();
      await retention.run();
      this.#failures.note('upkeep', undefined);
    };
    this.#upkeep = writer
      .exclusively(task)
      .catch((error) => {
        if (error instanceof StoreReopeningError) return;
        // A full disk was told of by the checkpoint. Old traces can go as long as no new rows wait: before the replay.
        if (error instanceof DiskFullError) return this.#isDiskShort ? this.#recover(error) : undefined;
        this.#failures.note('upkeep', error);
        if (verdictOf(error) === 'reopen') this.#recover(error);
      })
      .finally(() => {
        this.#upkeep = undefined;
      });
  }

  #tellWritten(batch: Batch): void {
    if (this.#listeners.size === 0) return;
    const written = writtenOf(batch);
    for (const listener of this.#listeners) {
      try {
        listener(written);
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
