import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { SAMPLE_RATE_FIELD } from '../fields/core-fields.ts';
import { settlesWithin } from '../http/settles-within.ts';
import { deadlineIn, leftOf } from '../shared/deadline.ts';
import { Checkpointer } from './checkpointer.ts';
import { bytesOnDisk, closeDatabase, databaseFile, FILE_NAME, limitMemory, usedBytes } from './database.ts';
import { deleteSpans } from './delete.ts';
import { freeBytes, neededBytes } from './disk-room.ts';
import {
  DiskFullError,
  isDamaged,
  isGivenUp,
  isMissingColumn,
  isOutOfMemory,
  StoreBusyError,
  StoreClosedError,
  StoreGoneError,
} from './errors.ts';
import type { ExportRequest, Signal } from './export-request.ts';
import { itemCount } from './export-request.ts';
import type { OnFailure } from './failures.ts';
import { Failures } from './failures.ts';
import type { Damage, Journal } from './journal/journal.ts';
import { movedAside, movedAsideNotices } from './moved-aside.ts';
import { storeNotices } from './notices.ts';
import type { PartsTable } from './parts-schema.ts';
import { bytesInParts, readParts } from './parts-table.ts';
import { READ_AGAIN_S, READER_WAIT_MS, ReadPool } from './read-pool.ts';
import { refuseTooLarge } from './refuse-too-large.ts';
import type { StoreState } from './state.ts';
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
import { MINIMUM_KEPT, saveState, Upkeep } from './upkeep.ts';
import { Writer } from './writer.ts';
import type { Written } from './written-batch.ts';
import { summarise } from './written-batch.ts';

/** See StoreOptions; here every limit is given. */
export interface DuckDbStoreOptions {
  readonly directory: string;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly maintenanceIntervalMs: number;
  readonly memoryMb: number;
  readonly rowGroupRows: number;
  readonly onFailure?: OnFailure;
  /** Told of what was acknowledged and is lost, as a sentence for people. */
  readonly onLost?: (sentence: string) => void;
  /** Told at most every second while what a killed process left is written. */
  readonly onReplay?: (rows: number) => void;
}

/**
 * Share of DuckDB's memory that what was written since the last checkpoint may take; ordinary spans are checkpointed for
 * their number before.
 */
const LOG_MEMORY = 0.75;

/** Share of DuckDB's memory that a transaction may take. */
const TRANSACTION_MEMORY = 0.25;

/** Until the journal has room: what an eviction frees differs from what its rows weigh. */
const MAX_EVICTIONS = 3;

/** After which it is looked again whether the disk has room. */
const LOOK_FOR_ROOM_MS = 2_000;

/** After everything was deleted: a query of before may still ask for a column that there was. */
const COLUMNS_NEW_MS = 60_000;

/** Between two words about a replay that takes long. */
const REPLAY_TOLD_MS = 1_000;

/** Beside what took the memory, a deletion may find it a little later. */
const DELETE_AGAIN_S = 5;

const NOTHING: WriteResult = { rows: 0, items: 0 };

/**
 * Statements read at the same time; more wait, since two cores gain nothing from more. Each holds one of libuv's threads
 * while it runs (see threads.ts): fewer scans than the four that a process has by default leave one for all else.
 */
const READ_CONNECTIONS = { scans: 3, short: 2 };

/** The store over an open database: one writer, several readers, and the upkeep between them. */
export class DuckDbStore implements SpanStore {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #options: DuckDbStoreOptions;
  readonly #state: StoreState;
  readonly #failures: Failures;
  readonly #pool: ReadPool;
  readonly #checkpointer: Checkpointer;
  readonly #writer: Writer;
  readonly #upkeep: Upkeep;
  readonly #journal: Journal;
  /** Sentences for people. */
  readonly #lost = new Set<string>();
  readonly #movedAside: readonly string[];
  readonly #listeners = new Set<(written: WrittenBatch) => void>();
  readonly #deletionListeners = new Set<() => void>();
  readonly #checkpointing: DuckDBConnection;
  readonly #givenUp = Promise.withResolvers<unknown>();
  readonly #file: ReturnType<typeof databaseFile>;
  #closing: Promise<void> | undefined;
  /** `performance.now()` when everything was deleted, and the columns with it. */
  #emptied = Number.NEGATIVE_INFINITY;
  /** Why nothing is taken: what is in the journal could not be folded into the file, and is in memory until then. */
  #full: DiskFullError | undefined;
  #lookingForRoom: NodeJS.Timeout | undefined;
  /** Whether something was written since the start. */
  #hasTaken = false;

  constructor(
    instance: DuckDBInstance,
    connections: { readonly writing: DuckDBConnection; readonly checkpointing: DuckDBConnection },
    options: DuckDbStoreOptions,
    state: StoreState,
    journal: Journal,
  ) {
    this.#instance = instance;
    this.#journal = journal;
    this.#connection = connections.writing;
    this.#checkpointing = connections.checkpointing;
    this.#options = options;
    this.#state = state;
    this.#file = databaseFile(options.directory);
    this.#movedAside = movedAside(options.directory);
    this.#failures = new Failures((task, error) => {
      if (isDamaged(error)) this.#givenUp.resolve(error);
      this.noteGivenUp(error);
      options.onFailure?.(task, error);
    });
    this.#pool = new ReadPool(instance, READ_CONNECTIONS);
    const checkpointer = new Checkpointer(
      async () => {
        const { committedSeq } = this.#writer;
        this.#requireFile();
        await this.#requireRoom(connections.checkpointing);
        await connections.checkpointing.run('CHECKPOINT');
        await journal.forget(committedSeq);
      },
      logBytes(options),
      this.#failures,
    );
    this.#checkpointer = checkpointer;
    this.#writer = new Writer({
      connection: connections.writing,
      catalogue: state.catalogue,
      scopes: state.scopes,
      nextSeq: state.nextSeq,
      journal,
      rowGroupRows: options.rowGroupRows,
      transactionBytes: state.memoryMb * 1e6 * TRANSACTION_MEMORY,
      afterSchemaChange: (fields) => limitMemory(connections.writing, state.memoryMb, fields),
      noCheckpoint: () => checkpointer.idle(),
      onRows: (...written) => checkpointer.committed(...written),
      onWritten: (written) => this.#written(written),
      onRewritten: (connection) => this.#countAgain(connection),
      onLost: (count, signal, error) => this.#countLost(count, signal, error),
      onDamage: (damage) => this.#countDamage(damage),
      diskFull: () => this.#full,
      onJournal: (error) => this.#failures.note('writing', error),
      onStalled: (error) => this.#failures.note('journal', error),
      onDropped: (reason, counted) => state.counters.drop(reason, counted, itemCount(counted)),
    });
    this.#upkeep = new Upkeep({
      ...options,
      state,
      writer: this.#writer,
      checkpointer,
      failures: this.#failures,
      journal,
      requireFile: () => this.#requireFile(),
    });
  }

  /**
   * Writes what a process that was killed had acknowledged, evicts what became too old while the store was closed, then
   * keeps at it. Where the disk has no room for what is in the journal, room is made first: while its rows are in memory,
   * nothing could be evicted for good.
   * @throws StoreOpenError when the journal cannot be read
   */
  async start(): Promise<void> {
    await this.#whereThereIsRoom(() => this.#makeRoom());
    await this.#replay();
    this.#hasTaken = false;
    await this.#whereThereIsRoom(() => this.#upkeep.run());
    this.#upkeep.start(this.#options.maintenanceIntervalMs);
  }

  fields(): ReadonlyMap<string, Field> {
    return this.#state.catalogue.named;
  }

  sampleRate(): Field | undefined {
    return this.#state.catalogue.fields.get(SAMPLE_RATE_FIELD);
  }

  datasetFields(dataset: string): ReadonlyMap<string, number> | undefined {
    const { catalogue } = this.#state;
    return catalogue.knowsDatasets ? (catalogue.datasetFields.get(dataset) ?? new Map()) : undefined;
  }

  async datasets(): Promise<readonly Dataset[]> {
    return this.#state.datasets.list();
  }

  async read(sql: string, values: readonly unknown[] = [], options: ReadOptions = {}): Promise<ReadResult> {
    const { signal, deadline = deadlineIn(READER_WAIT_MS) } = options;
    const isVisible = await settlesWithin(this.#writer.visible(), leftOf(deadline), signal);
    signal?.throwIfAborted();
    if (!isVisible) throw new StoreBusyError(READ_AGAIN_S);
    try {
      return await this.#pool.read(sql, values, options);
    } catch (error) {
      // Whoever asks again finds out which columns there are now.
      const isNew = performance.now() - this.#emptied < COLUMNS_NEW_MS;
      if (isNew && isMissingColumn(error)) throw new StoreBusyError(1, 'Everything was deleted meanwhile');
      throw error;
    }
  }

  async write(request: ExportRequest): Promise<WriteResult> {
    if (this.#closing !== undefined) throw new StoreClosedError();
    const { maxBytes } = this.#options;
    const { storable, refused } = refuseTooLarge(request, maxBytes * MINIMUM_KEPT, maxBytes);
    this.#state.counters.drop('rejected', request, request.rejectedCount + (refused?.count ?? 0));
    const written = itemCount(storable) === 0 ? Promise.resolve(NOTHING) : this.#writer.write(storable);
    // Without waiting here, which would keep the request in memory until it is written: the writer has its rows.
    return refused === undefined ? written : written.then((result) => ({ ...result, refused }));
  }

  onWritten(listener: (written: WrittenBatch) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async delete(which: Deletion): Promise<Deleted> {
    if (this.#closing !== undefined) throw new StoreClosedError();
    if ('all' in which) this.#emptied = performance.now();
    const deleted = await deleteSpans(which, {
      state: this.#state,
      writer: this.#writer,
      checkpointer: this.#checkpointer,
    }).catch((error) => {
      throw isOutOfMemory(error)
        ? new StoreBusyError(DELETE_AGAIN_S, 'There was too little memory for the deletion')
        : error;
    });
    if ('all' in which) this.#emptied = performance.now();
    for (const listener of this.#deletionListeners) listener();
    return deleted;
  }

  onDeleted(listener: () => void): () => void {
    this.#deletionListeners.add(listener);
    return () => this.#deletionListeners.delete(listener);
  }

  async scope(id: number): Promise<StoredScope | undefined> {
    const { rows } = await this.read(
      'SELECT resource, resource_schema_url, scope, scope_schema_url FROM scopes WHERE id = $1',
      [id],
      { short: true },
    );
    const row = rows[0];
    if (row === undefined) return undefined;
    const [resource, resourceSchemaUrl, scope, scopeSchemaUrl] = row;
    return {
      resource: await this.#wholeMessage('resource_parts', id, resource as Uint8Array),
      resourceSchemaUrl: resourceSchemaUrl as string,
      scope: await this.#wholeMessage('scope_parts', id, scope as Uint8Array),
      scopeSchemaUrl: scopeSchemaUrl as string,
    };
  }

  async wholeSpan(seq: number, stored: Uint8Array, bytes: number): Promise<Uint8Array | undefined> {
    if (stored.byteLength === bytes) return stored;
    return readParts(this.#readShort, 'span_parts', seq, bytes);
  }

  readonly #readShort: SpanStore['read'] = (sql, values, options) =>
    this.read(sql, values, { ...options, short: true });

  /** A Resource or Scope message: an empty one may have been too large for its row. */
  async #wholeMessage(table: PartsTable, id: number, stored: Uint8Array): Promise<Uint8Array> {
    if (stored.byteLength > 0) return stored;
    const bytes = await bytesInParts(this.#readShort, table, id);
    return (await readParts(this.#readShort, table, id, bytes)) ?? stored;
  }

  stats(): StoreStats {
    const { catalogue, counters, extent } = this.#state;
    const { maxBytes, maxAgeMs } = this.#options;
    return {
      rows: extent.rows,
      spans: extent.spans,
      logs: extent.logs,
      oldest: extent.oldest,
      bytes: extent.fileBytes + this.#journal.bytes,
      maxBytes,
      maxAgeMs,
      fields: catalogue.named.size,
      spilledFields: catalogue.spilledCount,
      dropped: counters.dropped(''),
      droppedLogs: counters.dropped('_logs'),
      notices: [
        ...storeNotices(catalogue, counters, maxBytes),
        ...this.#failures.notices(),
        ...this.#lost,
        ...movedAsideNotices(this.#movedAside),
      ],
    };
  }

  /** Whether nothing is taken, as the disk has no room for what is in the journal. */
  get isFull(): boolean {
    return this.#full !== undefined;
  }

  /** Resolves, with the error that says so, when DuckDB has given up the file, or it is gone: whoever opened the store opens it anew. */
  get givenUp(): Promise<unknown> {
    return this.#givenUp.promise;
  }

  /** To be called with errors of the store: `givenUp` resolves when one says that DuckDB has given up the file. */
  noteGivenUp(error: unknown): void {
    if (isGivenUp(error)) this.#givenUp.resolve(error);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Lets go of a file that DuckDB has given up, without writing anything to it: the journal has what is missing there. */
  abandon(): Promise<void> {
    this.#closing ??= this.#abandon();
    return this.#closing;
  }

  #written(written: Written): void {
    this.#hasTaken = true;
    this.#state.datasets.add(written.rows, written.now);
    this.#state.extent.add(written);
    if (this.#listeners.size > 0) this.#tellListeners(summarise(written));
  }

  #tellListeners(written: WrittenBatch): void {
    for (const listener of this.#listeners) {
      try {
        listener(written);
      } catch (error) {
        // The spans are stored: their sender must not be told otherwise.
        process.emitWarning(error instanceof Error ? error : String(error));
      }
    }
  }

  async #replay(): Promise<void> {
    const { onReplay = () => {} } = this.#options;
    let told = performance.now();
    await this.#writer.replay((rows) => {
      if (performance.now() - told < REPLAY_TOLD_MS) return;
      told = performance.now();
      onReplay(rows);
    });
    if (!this.#journal.isEmpty) await this.#checkpoint();
  }

  /** A whole one: one that runs may have begun before the last commit. What fails stays in the journal, and is tried again. */
  async #checkpoint(): Promise<void> {
    await this.#checkpointer.idle();
    await this.#failures.watch('checkpoint', () => this.#checkpointer.run());
  }

  /** A full disk keeps no store from being opened. @throws DuckDB's other errors: the file is opened once more */
  async #whereThereIsRoom(task: () => Promise<void>): Promise<void> {
    try {
      await task();
      this.#failures.note('upkeep', undefined);
    } catch (error) {
      if (!(error instanceof DiskFullError)) throw error;
      this.#failures.note('upkeep', error);
    }
  }

  /** @throws StoreGoneError where the file has another name, or none, since it was opened */
  #requireFile(): void {
    const { directory } = this.#options;
    const file = databaseFile(directory);
    if (file === undefined || file.ino !== this.#file?.ino || file.dev !== this.#file.dev)
      throw new StoreGoneError(join(directory, FILE_NAME));
  }

  /**
   * Evicts where a journal that is not read yet has no room, as the store takes too much of the disk.
   * @throws DuckDB's error, DiskFullError
   */
  async #makeRoom(): Promise<void> {
    const journal = await this.#journal.bytesToRead();
    if (journal === 0) return;
    for (let count = 0; count < MAX_EVICTIONS; count++) {
      const { used, rowGroupShare, missing, isOverCap } = await this.#checkpointRoom(
        this.#connection,
        journal,
      );
      if (missing <= 0 || !isOverCap) return;
      // A byte that is evicted is free, and is not written anew with its row group.
      await this.#upkeep.run(used - missing / (1 + rowGroupShare));
    }
  }

  /** Bytes that a checkpoint has too little, and whether the store would take more than its cap of the disk during it. */
  async #checkpointRoom(connection: DuckDBConnection, journal: number) {
    const { directory, rowGroupRows, maxBytes } = this.#options;
    const used = await usedBytes(connection);
    const rowGroupShare = Math.min(1, rowGroupRows / Math.max(1, this.#state.extent.rows));
    const needed = neededBytes(journal, used * rowGroupShare);
    const reusable = Math.max(0, bytesOnDisk(directory) - used);
    const missing = needed - reusable - (await freeBytes(directory));
    return { used, rowGroupShare, missing, isOverCap: used + journal + needed > maxBytes };
  }

  /** @throws DiskFullError; from then on nothing is taken until there is room, or until room was made when the file is opened anew */
  async #requireRoom(connection: DuckDBConnection): Promise<void> {
    const some = await connection.runAndReadAll('SELECT 1 FROM spans LIMIT 1');
    const journal = some.currentRowCount === 0 ? 0 : this.#journal.unpackedBytes;
    const { missing, isOverCap } = await this.#checkpointRoom(connection, journal);
    this.#full = missing > 0 ? new DiskFullError() : undefined;
    if (this.#full === undefined) return;
    clearTimeout(this.#lookingForRoom);
    if (this.#closing === undefined)
      this.#lookingForRoom = setTimeout(() => void this.#checkpoint(), LOOK_FOR_ROOM_MS).unref();
    // Not again and again: where nothing came since, there is nothing more to evict.
    if (this.#hasTaken && isOverCap) this.#givenUp.resolve(this.#full);
    throw this.#full;
  }

  async #countAgain(connection: DuckDBConnection): Promise<void> {
    const { extent, catalogue, datasets } = this.#state;
    await this.#failures.watch('upkeep', async () => {
      await extent.measure(connection, catalogue);
      await datasets.load(connection);
    });
  }

  #countLost(count: number, signal: Signal, error: unknown): void {
    this.#state.counters.add(signal === 'logs' ? 'failed_logs' : 'failed', count);
    const message = error instanceof Error ? error.message : String(error);
    const items = signal === 'logs' ? 'log records' : 'spans';
    this.#options.onLost?.(`${count} ${items} were received and cannot be stored: ${message}`);
  }

  #countDamage({ path, places, lost }: Damage): void {
    this.#state.counters.add('failed', lost.traces);
    this.#state.counters.add('failed_logs', lost.logs);
    const sentence = damageSentence(path, places, lost);
    this.#lost.add(sentence);
    this.#options.onLost?.(sentence);
  }

  async #close(): Promise<void> {
    clearTimeout(this.#lookingForRoom);
    await this.#upkeep.stop();
    await this.#failures.watch('upkeep', () =>
      this.#writer.exclusively((connection) => saveState(connection, this.#state)),
    );
    await this.#writer.close();
    await this.#pool.close();
    await this.#checkpoint();
    await this.#letGo();
  }

  async #abandon(): Promise<void> {
    clearTimeout(this.#lookingForRoom);
    await this.#upkeep.stop();
    await this.#writer.close();
    await this.#pool.close();
    await this.#checkpointer.idle();
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    await this.#journal.close();
    this.#connection.closeSync();
    this.#checkpointing.closeSync();
    closeDatabase(this.#instance);
  }
}

function damageSentence(path: string, places: number, { traces, logs }: Damage['lost']): string {
  const counted = traces + logs > 0 ? ` (${traces} spans and their events, ${logs} log records)` : '';
  return `The journal was damaged in ${places === 1 ? '1 place' : `${places} places`}: what was received there${counted} and not yet in the store is lost, the rest is stored. Check the disk; the file was kept as ${path}, delete it when you do not need it.`;
}

/** Bytes after which the log is folded into the file: it counts as part of the store, and its rows are in memory. */
function logBytes({ maxBytes, memoryMb }: DuckDbStoreOptions): number {
  return Math.min(maxBytes / 10, memoryMb * 1e6 * LOG_MEMORY);
}
