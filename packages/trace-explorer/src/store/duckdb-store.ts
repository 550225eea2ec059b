import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { SAMPLE_RATE_FIELD } from '../fields/core-fields.ts';
import { Checkpointer } from './checkpointer.ts';
import { closeDatabase, limitMemory } from './database.ts';
import { deleteSpans } from './delete.ts';
import { StoreClosedError } from './errors.ts';
import type { ExportRequest } from './export-request.ts';
import { itemCount } from './export-request.ts';
import type { OnFailure } from './failures.ts';
import { Failures } from './failures.ts';
import { movedAside, movedAsideNotices } from './moved-aside.ts';
import { storeNotices } from './notices.ts';
import type { PartsTable } from './parts-schema.ts';
import { bytesInParts, readParts } from './parts-table.ts';
import { ReadPool } from './read-pool.ts';
import { refuseTooLarge } from './refuse-too-large.ts';
import { runAside } from './run-aside.ts';
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
import type { Committed } from './writer.ts';
import { Writer } from './writer.ts';
import { summarise } from './written-batch.ts';

/** See StoreOptions; here every limit is given. */
export interface DuckDbStoreOptions {
  readonly directory: string;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly maintenanceIntervalMs: number;
  readonly memoryMb: number;
  readonly onFailure?: OnFailure;
}

/**
 * Share of DuckDB's memory that what was written since the last checkpoint may take; ordinary spans are checkpointed for
 * their number before.
 */
const LOG_MEMORY = 0.75;

/** Statements read at the same time; more wait, since two cores gain nothing from more. */
const READ_CONNECTIONS = 4;

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
  readonly #movedAside: readonly string[];
  readonly #listeners = new Set<(written: WrittenBatch) => void>();
  readonly #deletionListeners = new Set<() => void>();
  #closing: Promise<void> | undefined;

  constructor(
    instance: DuckDBInstance,
    connections: { readonly writing: DuckDBConnection; readonly checkpointing: DuckDBConnection },
    options: DuckDbStoreOptions,
    state: StoreState,
  ) {
    this.#instance = instance;
    this.#connection = connections.writing;
    this.#options = options;
    this.#state = state;
    this.#movedAside = movedAside(options.directory);
    this.#failures = new Failures(options.onFailure);
    this.#pool = new ReadPool(instance, READ_CONNECTIONS);
    const checkpointer = new Checkpointer(
      () => runAside(connections.checkpointing, 'CHECKPOINT'),
      logBytes(options),
      this.#failures,
    );
    this.#checkpointer = checkpointer;
    this.#writer = new Writer({
      connection: connections.writing,
      catalogue: state.catalogue,
      scopes: state.scopes,
      nextSeq: state.nextSeq,
      afterSchemaChange: (columns) => limitMemory(connections.writing, state.memoryMb, columns),
      noCheckpoint: () => checkpointer.idle(),
      onRows: (...written) => checkpointer.committed(...written),
      onCommitted: (committed) => this.#committed(committed),
      onDropped: (reason, request) => state.counters.drop(reason, request, itemCount(request)),
    });
    this.#upkeep = new Upkeep({
      ...options,
      state,
      writer: this.#writer,
      checkpointer,
      failures: this.#failures,
    });
  }

  /** Evicts what became too old while the store was closed, then keeps at it. */
  async start(): Promise<void> {
    await this.#upkeep.run();
    this.#upkeep.start(this.#options.maintenanceIntervalMs);
  }

  fields(): ReadonlyMap<string, Field> {
    return this.#state.catalogue.named;
  }

  sampleRate(): Field | undefined {
    return this.#state.catalogue.fields.get(SAMPLE_RATE_FIELD);
  }

  datasetFields(dataset: string): ReadonlyMap<string, number> {
    return this.#state.catalogue.datasetFields.get(dataset) ?? new Map();
  }

  async datasets(): Promise<readonly Dataset[]> {
    return this.#state.datasets.list();
  }

  read(sql: string, values: readonly unknown[] = [], options: ReadOptions = {}): Promise<ReadResult> {
    return this.#pool.read(sql, values, options);
  }

  async write(request: ExportRequest): Promise<WriteResult> {
    if (this.#closing !== undefined) throw new StoreClosedError();
    const { maxBytes } = this.#options;
    const { storable, refused } = refuseTooLarge(request, maxBytes * MINIMUM_KEPT, maxBytes);
    this.#state.counters.drop('rejected', request, request.rejectedCount + (refused?.count ?? 0));
    const written = itemCount(storable) === 0 ? { rows: 0, items: 0 } : await this.#writer.write(storable);
    return { ...written, ...(refused && { refused }) };
  }

  onWritten(listener: (written: WrittenBatch) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async delete(which: Deletion): Promise<Deleted> {
    if (this.#closing !== undefined) throw new StoreClosedError();
    const deleted = await deleteSpans(which, {
      state: this.#state,
      writer: this.#writer,
      checkpointer: this.#checkpointer,
      directory: this.#options.directory,
    });
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
    return readParts((...query) => this.read(...query), 'span_parts', seq, bytes);
  }

  /** A Resource or Scope message: an empty one may have been too large for its row. */
  async #wholeMessage(table: PartsTable, id: number, stored: Uint8Array): Promise<Uint8Array> {
    if (stored.byteLength > 0) return stored;
    const read: SpanStore['read'] = (...query) => this.read(...query);
    return (await readParts(read, table, id, await bytesInParts(read, table, id))) ?? stored;
  }

  stats(): StoreStats {
    const { catalogue, counters, extent } = this.#state;
    const { maxBytes, maxAgeMs } = this.#options;
    return {
      rows: extent.rows,
      spans: extent.spans,
      logs: extent.logs,
      oldest: extent.oldest,
      bytes: extent.bytes,
      maxBytes,
      maxAgeMs,
      fields: catalogue.named.size,
      spilledFields: catalogue.spilledCount,
      dropped: counters.dropped(''),
      droppedLogs: counters.dropped('_logs'),
      notices: [
        ...storeNotices(catalogue, counters, maxBytes),
        ...this.#failures.notices(),
        ...movedAsideNotices(this.#movedAside),
      ],
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #committed(committed: Committed): void {
    this.#state.datasets.add(committed.rows, committed.now);
    this.#state.extent.add(committed);
    if (this.#listeners.size === 0) return;
    const written = summarise(committed);
    for (const listener of this.#listeners) {
      try {
        listener(written);
      } catch (error) {
        // The spans are stored: their sender must not be told otherwise.
        process.emitWarning(error instanceof Error ? error : String(error));
      }
    }
  }

  async #close(): Promise<void> {
    await this.#upkeep.stop();
    await this.#writer.exclusively((connection) => saveState(connection, this.#state));
    await this.#writer.close();
    this.#pool.close();
    await this.#checkpointer.run();
    this.#connection.closeSync();
    closeDatabase(this.#instance, this.#options.directory);
  }
}

/** Bytes after which the log is folded into the file: it counts as part of the store, and its rows are in memory. */
function logBytes({ maxBytes, memoryMb }: DuckDbStoreOptions): number {
  return Math.min(maxBytes / 10, memoryMb * 1e6 * LOG_MEMORY);
}
