import { setTimeout as sleep } from 'node:timers/promises';
import type { DuckDbStore } from './duckdb-store.ts';
import { isGivenUp, StoreClosedError, StoreGoneError, StoreReopeningError } from './errors.ts';
import type { ExportRequest } from './export-request.ts';
import type { OnFailure } from './failures.ts';
import { Failures } from './failures.ts';
import type {
  Dataset,
  Deleted,
  Deletion,
  Field,
  ReadOptions,
  ReadResult,
  SpanStore,
  StoredScope,
  StoreStats,
  WriteResult,
  WrittenBatch,
} from './types.ts';

/** Before the file is opened anew, and between two tries. */
const PAUSE_S = 2;

export interface ReopeningOptions {
  /** @param givenUp why the store was given up */
  readonly open: (givenUp: unknown) => Promise<DuckDbStore>;
  /** Told when it cannot be opened. */
  readonly onFailure?: OnFailure;
  /** Told when it is open again. */
  readonly onReopened?: () => void;
}

/**
 * A store that is opened anew when DuckDB has given up its file, as it does when a checkpoint finds no room half-way: what
 * was acknowledged is in the journal, and is written again. Meanwhile everybody is asked to come back.
 */
export class ReopeningStore implements SpanStore {
  readonly #options: ReopeningOptions;
  readonly #failures: Failures;
  #store: DuckDbStore;
  #reopening: Promise<void> | undefined;
  #isClosed = false;
  readonly #listeners = new Set<(written: WrittenBatch) => void>();
  readonly #deletionListeners = new Set<() => void>();

  /** @param store open, as `open` does it */
  constructor(store: DuckDbStore, options: ReopeningOptions) {
    this.#options = options;
    this.#failures = new Failures(options.onFailure);
    this.#store = store;
    this.#watch();
  }

  fields(): ReadonlyMap<string, Field> {
    return this.#store.fields();
  }

  sampleRate(): Field | undefined {
    return this.#store.sampleRate();
  }

  datasets(): Promise<readonly Dataset[]> {
    return this.#store.datasets();
  }

  datasetFields(dataset: string): ReadonlyMap<string, number> | undefined {
    return this.#store.datasetFields(dataset);
  }

  read(sql: string, values?: readonly unknown[], options?: ReadOptions): Promise<ReadResult> {
    return this.#ask((store) => store.read(sql, values, options));
  }

  // Without waiting here, which would keep the request in memory until it is written.
  write(request: ExportRequest): Promise<WriteResult> {
    try {
      const store = this.#opened();
      return store.write(request).catch((error) => this.#comeAgain(store, error));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  onWritten(listener: (written: WrittenBatch) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  delete(which: Deletion): Promise<Deleted> {
    return this.#ask((store) => store.delete(which));
  }

  onDeleted(listener: () => void): () => void {
    this.#deletionListeners.add(listener);
    return () => this.#deletionListeners.delete(listener);
  }

  stats(): StoreStats {
    const stats = this.#store.stats();
    return { ...stats, notices: [...stats.notices, ...this.#failures.notices()] };
  }

  wholeSpan(seq: number, stored: Uint8Array, bytes: number): Promise<Uint8Array | undefined> {
    return this.#ask((store) => store.wholeSpan(seq, stored, bytes));
  }

  scope(id: number): Promise<StoredScope | undefined> {
    return this.#ask((store) => store.scope(id));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#reopening;
    await this.#store.close();
  }

  /** @throws StoreReopeningError while there is none */
  #opened(): DuckDbStore {
    if (this.#reopening !== undefined && !this.#isClosed) throw new StoreReopeningError(PAUSE_S);
    return this.#store;
  }

  async #ask<T>(ask: (store: DuckDbStore) => Promise<T>): Promise<T> {
    const store = this.#opened();
    try {
      return await ask(store);
    } catch (error) {
      return this.#comeAgain(store, error);
    }
  }

  /** @throws StoreReopeningError where DuckDB has given up the file, the error itself otherwise */
  #comeAgain(store: DuckDbStore, error: unknown): never {
    store.noteGivenUp(error);
    // What still waited for its turn, or was under way, hears that the store is closed.
    const isAbandoned = error instanceof StoreClosedError && !this.#isClosed;
    throw isAbandoned || isGivenUp(error) ? new StoreReopeningError(PAUSE_S) : error;
  }

  #watch(): void {
    const store = this.#store;
    store.onWritten((written) => {
      for (const listener of this.#listeners) listener(written);
    });
    store.onDeleted(() => this.#tellDeleted());
    void store.givenUp.then((error) => {
      this.#reopening = this.#reopen(error);
    });
  }

  /** Resolves when the store is open again, or closed. */
  async #reopen(error: unknown): Promise<void> {
    // Where the journal alone is gone, the database has what was in it.
    await (error instanceof StoreGoneError ? this.#store.close() : this.#store.abandon());
    for (let isFirst = true; !this.#isClosed; isFirst = false) {
      await sleep(PAUSE_S * 1000);
      await this.#failures.watch('reopening', async () => {
        this.#store = await this.#options.open(isFirst ? error : undefined);
        this.#reopening = undefined;
      });
      if (this.#reopening === undefined) break;
    }
    if (this.#isClosed) return;
    this.#watch();
    this.#options.onReopened?.();
    // What was written meanwhile was told to nobody: whoever follows the store reads it again, as after a deletion.
    this.#tellDeleted();
  }

  #tellDeleted(): void {
    for (const listener of this.#deletionListeners) listener();
  }
}
