import { setTimeout as sleep } from 'node:timers/promises';
import { settlesWithin } from '../../../lib/node/settles-within.ts';
import { deadlineIn, leftOf } from '../../../lib/time/deadline.ts';
import { Failure, isRefused } from '../../failures.ts';
import { SAMPLE_RATE_FIELD } from '../../fields/core-fields.ts';
import type { Options } from '../options.ts';
import { afterDeletion } from '../read/after-deletion.ts';
import { READER_WAIT_MS } from '../read/readers.ts';
import type { ReadOptions, ReadResult } from '../read/statement.ts';
import { readParts, readScopes } from '../read/whole-span.ts';
import type { ExportRequest } from '../rows/request.ts';
import { itemCount, signalOf } from '../rows/request.ts';
import { away, busy, missingColumn, needsReopening, says } from '../store-error.ts';
import type { DatasetCount, StoreStats } from '../table/counts.ts';
import { Counts } from '../table/counts.ts';
import { openError } from '../table/database.ts';
import type { Field } from '../table/field.ts';
import type { DeletedRows, Deletion } from '../table/retention.ts';
import type { StoredScope } from '../table/scopes.ts';
import { Health } from './health.ts';
import type { OpenFiles, StoreContext } from './open-files.ts';
import { openFiles } from './open-files.ts';
import type { WrittenBatch } from './writer.ts';

/** Milliseconds before each try to open the file anew. */
const PAUSE_MS = 2_000;

/**
 * The explorer's store: one wide table `spans` with a row per span, span event, span link and log record.
 *
 * Internal columns, besides the fields of the catalogue:
 * - `_time` BIGINT: start (events and log records: their time), nanoseconds since the epoch
 * - `_received` BIGINT: nanoseconds since the epoch
 * - `_seq` BIGINT: order of arrival, unique
 * - `_dataset` VARCHAR: the resource's service name, as Honeycomb names datasets
 * - `_span` BLOB: the OTLP Span or LogRecord message (protobuf) as received, or the SHA-256 of a large one (see `wholeSpan`);
 *   NULL on rows of events and links
 * - `_scope` INTEGER: refers to `scopes (id, resource BLOB, resource_schema_url, scope BLOB, scope_schema_url)`
 * - `_bytes` INTEGER: size of the row as received, for eviction
 *
 * After a failure of DuckDB or the disk the store closes and reopens its files, and replays the journal. Meanwhile senders
 * and readers are asked to come back.
 */
export class SpanStore {
  readonly #options: Options;
  readonly #health: Health;
  readonly #listeners = new Set<(written: WrittenBatch | undefined) => void>();
  readonly #context: StoreContext;
  #files!: OpenFiles;
  #reopening: Promise<void> | undefined;
  #failure: unknown; // why the files are not open
  #isClosed = false;
  #upkeep: Promise<void> | undefined;
  #upkeepTimer: NodeJS.Timeout | undefined;
  readonly #ending = new AbortController();

  private constructor(options: Options) {
    this.#options = options;
    this.#health = new Health(options);
    this.#context = {
      options,
      health: this.#health,
      counts: new Counts(),
      progress: { isOneByOne: false, putAside: new Set() },
      onWritten: (written) => this.#tell(written),
      onFailure: (error) => this.#recover(error),
      onCheckpoint: ({ full, isTooLarge }) => {
        this.#health.note('checkpoint', full);
        if (full !== undefined || isTooLarge) this.#keepUp();
      },
    };
  }

  /** @throws StoreOpenError when the file is in use, cannot be read, or the file system refuses it */
  static async open(options: Options): Promise<SpanStore> {
    const store = new SpanStore(options);
    // As in a recovery: nothing else begins until the files are open.
    store.#reopening = store.#open();
    await store.#reopening;
    store.#reopening = undefined;
    store.#keepUp(true);
    store.#upkeepTimer = setInterval(() => store.#keepUp(), options.maintenanceIntervalMs);
    store.#upkeepTimer.unref();
    return store;
  }

  /**
   * Fields by exact, case-sensitive name. A field has the type that its dataset sends. Over all datasets, a field of different
   * types is text, or a float where all types are numbers.
   */
  fields(dataset?: string): ReadonlyMap<string, Field> {
    return this.#files.table.catalogue.named(dataset);
  }

  /** The sample rate: NULL in rows that stand for one event. Undefined while all rows are such rows. */
  sampleRate(): Field | undefined {
    return this.#files.table.catalogue.stored(SAMPLE_RATE_FIELD);
  }

  async datasets(): Promise<readonly DatasetCount[]> {
    return this.#files.table.counts.datasets();
  }

  /** Fields of one dataset and when each was last written (milliseconds); undefined where there are too many to remember. */
  datasetFields(dataset: string): ReadonlyMap<string, number> | undefined {
    return this.#files.table.catalogue.ofDataset(dataset);
  }

  /** Runs one read-only statement with bound values ($1, $2 …). @throws Failure, the signal's reason, DuckDB's error */
  async read(sql: string, values: readonly unknown[] = [], options: ReadOptions = {}): Promise<ReadResult> {
    const { signal, deadline = deadlineIn(READER_WAIT_MS) } = options;
    return this.#ask(async ({ writer, readers, table: { catalogue } }) => {
      const ending = this.#ending.signal;
      const end = signal === undefined ? ending : AbortSignal.any([signal, ending]);
      const isVisible = await settlesWithin(writer.visible(), leftOf(deadline), end);
      signal?.throwIfAborted();
      if (ending.aborted) throw new Failure('STORE_CLOSED');
      if (!isVisible) throw busy("The store's writer is behind");
      if (this.#reopening !== undefined) throw away(this.#failure);
      return readers.read(sql, values, options).catch((error) => {
        const isMadeBefore = catalogue.gone.has(missingColumn(error) ?? '');
        if (!isMadeBefore) throw error;
        return readers.read(afterDeletion(sql, catalogue.gone), values, options);
      });
    });
  }

  /**
   * Stores decoded spans or log records. Resolves when they survive a crash of the process and are visible to `read`. Not
   * async: an async function would keep the request in memory until the end of the write.
   * @throws Failure, STORE_BUSY at once when the writer is too far behind
   */
  write(request: ExportRequest): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Failure('STORE_CLOSED'));
    if (this.#reopening !== undefined) return Promise.reject(away(this.#failure));
    const { table, writer } = this.#files;
    const [signal, items] = [signalOf(request), itemCount(request)];
    table.counts.drop('rejected', signal, request.rejectedCount);
    if (items === 0) return Promise.resolve();
    const writing = table.full === undefined ? writer.write(request) : Promise.reject(table.full);
    return writing.catch((error) => {
      table.counts.drop('busy', signal, items);
      throw error;
    });
  }

  /**
   * Called after rows became visible to `read`; with undefined after a deletion or a recovery: rows that were read before
   * may be gone. Returns the unsubscribe function.
   */
  onChange(listener: (written: WrittenBatch | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Deletes for good, also the datasets that have no span left. */
  async delete(which: Deletion): Promise<DeletedRows> {
    const deleted = await this.#ask(
      ({ writer, retention }) => writer.exclusively(() => retention.delete(which)),
      needsReopening,
    ).catch((error) => {
      throw says(error, 'memory') ? busy('There was too little memory for the deletion') : error;
    });
    this.#tell();
    return deleted;
  }

  scopes(ids: readonly number[]): Promise<ReadonlyMap<number, StoredScope>> {
    return readScopes((...read) => this.read(...read), ids);
  }

  /** The Span or LogRecord message of a row, by its `_seq`, `_span` and `_bytes`; undefined after an eviction. */
  async wholeSpan(seq: number, stored: Uint8Array, bytes: number): Promise<Uint8Array | undefined> {
    if (stored.byteLength === bytes) return stored;
    const whole = await readParts((...read) => this.read(...read), seq);
    return whole.byteLength === bytes ? whole : undefined;
  }

  stats(): StoreStats {
    const { journal, table, readers } = this.#files;
    const { catalogue, counts } = table;
    const { maxBytes, maxAgeMs } = this.#options;
    return {
      ...counts.totals(),
      bytes: counts.fileBytes + journal.bytes,
      maxBytes: counts.cap,
      maxAgeMs,
      fields: catalogue.named().size,
      spilledFields: catalogue.overflowing,
      waitingReads: readers.waiting,
      notices: [...catalogue.notices(), ...counts.notices(maxBytes), ...this.#health.notices()],
    };
  }

  /** Interrupts the statements that run, and refuses further ones: the store is about to close. */
  endReads(): Promise<void> {
    this.#ending.abort();
    return this.#files.readers.close();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#upkeepTimer);
    await this.#reopening;
    await this.endReads();
    const error = await this.#files.close();
    await this.#upkeep;
    this.#health.note('checkpoint', error);
  }

  /**
   * Asks the open files. @param isFatal whether the file has to be opened anew after an error
   * @throws STORE_REOPENING during a recovery, or when one has to begin
   */
  async #ask<T>(
    ask: (files: OpenFiles) => Promise<T>,
    isFatal = (error: unknown) => says(error, 'givenUp') || says(error, 'damaged'),
  ): Promise<T> {
    if (this.#isClosed) throw new Failure('STORE_CLOSED');
    if (this.#reopening !== undefined) throw away(this.#failure);
    try {
      return await ask(this.#files);
    } catch (error) {
      if (isFatal(error)) this.#recover(error);
      // Abandoned files refuse the requests that wait and run.
      throw this.#reopening === undefined ? error : away(this.#failure);
    }
  }

  /** @throws StoreOpenError, DuckDB's error */
  async #open(): Promise<void> {
    this.#files = await openFiles(this.#context);
  }

  /** The only recovery from a failure of DuckDB or the disk: abandon, reopen, replay. */
  #recover(error: unknown): void {
    if (this.#reopening !== undefined || this.#isClosed) return;
    this.#reopening = this.#reopen(error);
  }

  async #reopen(failure: unknown): Promise<void> {
    this.#failure = failure;
    const isDamaged = says(failure, 'damaged');
    this.#health.note('reopening', failure);
    await this.#files.close(true);
    for (let error = failure; error !== undefined; ) {
      await sleep(PAUSE_MS);
      if (this.#isClosed) return;
      // A file with a damaged block takes no rows and answers nothing: a person has to remove it.
      if (isDamaged) error = openError(this.#options.directory, failure);
      else error = await this.#open().catch((next: unknown) => next);
      this.#failure = error;
      this.#health.note('reopening', error);
    }
    this.#reopening = undefined;
    this.#keepUp(true);
    this.#options.onReopened?.();
    // Listeners do not know the replayed rows. They read the store again, as after a deletion.
    this.#tell();
  }

  /**
   * Drops old traces, and looks whether the disk has room again. One run at a time.
   * @param isReplayed whether the journal may have rows that the file does not have
   */
  #keepUp(isReplayed = false): void {
    if (this.#isClosed || this.#reopening !== undefined || this.#upkeep !== undefined) return;
    const { writer, retention, table } = this.#files;
    const task = async () => {
      if (isReplayed || table.full !== undefined) await table.checkpoint();
      await retention.run();
      this.#health.note('upkeep', retention.doubt);
    };
    this.#upkeep = writer
      .exclusively(task)
      .catch((error) => {
        if (isRefused(error, 'STORE_REOPENING')) return;
        // The checkpoint has reported a full disk. Old traces can only go while no new rows wait: before the replay.
        if (isRefused(error, 'DISK_FULL')) return table.isTooLarge ? this.#recover(error) : undefined;
        this.#health.note('upkeep', error);
        if (needsReopening(error)) this.#recover(error);
      })
      .finally(() => {
        this.#upkeep = undefined;
      });
  }

  #tell(written?: WrittenBatch): void {
    for (const listener of this.#listeners) {
      try {
        listener(written);
      } catch (error) {
        // A listener's error must not reach the sender: the spans are stored.
        process.emitWarning(error instanceof Error ? error : String(error));
      }
    }
  }
}
