import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { DecodedTraces } from '../otlp/types.ts';
import { loadCatalogue, saveLastWritten } from './catalogue-table.ts';
import { Checkpointer } from './checkpointer.ts';
import { Counters } from './counters.ts';
import { closeDatabase, connect, createTables, limitMemory, openDatabase, usedBytes } from './database.ts';
import { DatasetTable } from './dataset-table.ts';
import { StoreClosedError } from './errors.ts';
import type { Evicted } from './eviction.ts';
import { evictOlderThan, evictShare } from './eviction.ts';
import { FieldCatalogue } from './field-catalogue.ts';
import { ReadPool } from './read-pool.ts';
import { applySchema } from './schema.ts';
import { ScopeTable } from './scope-table.ts';
import type {
  Dataset,
  Field,
  ReadOptions,
  ReadResult,
  SpanStore,
  StoredScope,
  StoreStats,
  WriteResult,
  WrittenBatch,
} from './types.ts';
import type { Committed } from './writer.ts';
import { Writer } from './writer.ts';
import { summarise } from './written-batch.ts';

export interface StoreOptions {
  /** Made if absent, with access for the owner alone. */
  readonly directory: string;
  /** Bytes on disk to stay under; default 1 GiB. */
  readonly maxBytes?: number;
  /** Milliseconds that a trace is kept after its last span came; default 7 days. */
  readonly maxAgeMs?: number;
  /** Rows that are freed together when all are deleted; default 32,768. */
  readonly rowGroupRows?: number;
  /** Fields with a column of their own; default 2,000. */
  readonly maxColumns?: number;
  /** Milliseconds between two looks at size and age; default 10 s. */
  readonly maintenanceIntervalMs?: number;
}

/** Fields listed beyond `maxColumns`. */
const MAX_SPILLED_FIELDS = 20_000;
/** Statements read at the same time; more wait, since two cores gain nothing from more. */
const READ_CONNECTIONS = 4;
/** Eviction goes down to this share of the cap, so that it is rarely needed. */
const EVICTION_TARGET = 0.85;
/**
 * Bytes as received that eviction leaves in any case, as a share of the cap. Spans that cannot be compressed
 * take twice their bytes on disk (span and fields), all others less: this much always fits.
 */
const MINIMUM_KEPT = 0.35;
const SEVEN_DAYS_MS = 7 * 24 * 60 * 60 * 1000;
const GIBIBYTE = 1024 ** 3;

/**
 * Opens the store in a directory, or makes it.
 * @throws StoreOpenError when the file is in use or cannot be read
 */
export async function openStore(options: StoreOptions): Promise<SpanStore> {
  const instance = await openDatabase(options.directory, options.rowGroupRows);
  const connection = await connect(instance);
  await createTables(connection);
  const catalogue = new FieldCatalogue(options.maxColumns ?? 2_000, MAX_SPILLED_FIELDS);
  await loadCatalogue(connection, catalogue);
  const core = catalogue.missingCoreFields(Date.now());
  await applySchema(connection, catalogue, core);
  await limitMemory(connection, catalogue.columns.length);

  const scopes = new ScopeTable();
  await scopes.load(connection);
  const datasets = new DatasetTable();
  await datasets.load(connection);
  const counters = new Counters();
  await counters.load(connection);
  const extent = await connection.runAndReadAll('SELECT coalesce(max(_seq), 0) + 1 FROM spans');
  const nextSeq = Number(extent.getRows()[0]?.[0] ?? 1);

  const connections = { writer: connection, checkpointer: await connect(instance) };
  const state = { catalogue, scopes, datasets, counters };
  const store = new DuckDbStore(instance, connections, options, state, nextSeq);
  await store.start();
  return store;
}

interface State {
  readonly catalogue: FieldCatalogue;
  readonly scopes: ScopeTable;
  readonly datasets: DatasetTable;
  readonly counters: Counters;
}

interface Extent {
  readonly rows: number;
  readonly spans: number;
  readonly oldest: number | undefined;
}

class DuckDbStore implements SpanStore {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #options: StoreOptions;
  readonly #state: State;
  readonly #pool: ReadPool;
  readonly #checkpointer: Checkpointer;
  readonly #writer: Writer;
  readonly #listeners = new Set<(written: WrittenBatch) => void>();
  #timer: NodeJS.Timeout | undefined;
  #maintaining: Promise<void> | undefined;
  #extent: Extent = { rows: 0, spans: 0, oldest: undefined };
  #bytes = 0;
  #closing: Promise<void> | undefined;

  constructor(
    instance: DuckDBInstance,
    connections: { writer: DuckDBConnection; checkpointer: DuckDBConnection },
    options: StoreOptions,
    state: State,
    nextSeq: number,
  ) {
    this.#instance = instance;
    this.#connection = connections.writer;
    this.#options = options;
    this.#state = state;
    this.#pool = new ReadPool(instance, READ_CONNECTIONS);
    this.#checkpointer = new Checkpointer(connections.checkpointer, this.#maxBytes / 10);
    this.#writer = new Writer({
      connection: connections.writer,
      catalogue: state.catalogue,
      scopes: state.scopes,
      nextSeq,
      beforeSchemaChange: () => this.#checkpointer.idle(),
      afterSchemaChange: (columns) => limitMemory(connections.writer, columns),
      roomForRows: (columns) => this.#checkpointer.room(columns),
      onRows: (...written) => this.#checkpointer.committed(...written),
      onCommitted: (committed) => this.#committed(committed),
      onDropped: (reason, spans) => state.counters.add(reason, spans),
    });
  }

  async start(): Promise<void> {
    await this.#measure();
    await this.#maintain();
    this.#timer = setInterval(() => {
      this.#maintaining ??= this.#maintain()
        .catch(() => {})
        .finally(() => {
          this.#maintaining = undefined;
        });
    }, this.#options.maintenanceIntervalMs ?? 10_000);
    this.#timer.unref();
  }

  fields(): ReadonlyMap<string, Field> {
    return this.#state.catalogue.fields;
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

  async write(traces: DecodedTraces): Promise<WriteResult> {
    if (this.#closing !== undefined) throw new StoreClosedError();
    this.#state.counters.add('rejected', traces.rejectedCount);
    if (traces.spanCount === 0) return { rows: 0, spans: 0 };
    return this.#writer.write(traces);
  }

  onWritten(listener: (written: WrittenBatch) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
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
      resource: resource as Uint8Array,
      resourceSchemaUrl: resourceSchemaUrl as string,
      scope: scope as Uint8Array,
      scopeSchemaUrl: scopeSchemaUrl as string,
    };
  }

  stats(): StoreStats {
    const { catalogue, counters } = this.#state;
    return {
      ...this.#extent,
      bytes: this.#bytes,
      maxBytes: this.#maxBytes,
      maxAgeMs: this.#maxAgeMs,
      fields: catalogue.fields.size,
      spilledFields: catalogue.spilledCount,
      dropped: {
        bytes: counters.get('evicted_bytes'),
        age: counters.get('evicted_age'),
        rejected: counters.get('rejected'),
        busy: counters.get('busy'),
        failed: counters.get('failed'),
      },
      notices: notices(catalogue, counters, this.#maxBytes),
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  get #maxBytes(): number {
    return this.#options.maxBytes ?? GIBIBYTE;
  }

  get #maxAgeMs(): number {
    return this.#options.maxAgeMs ?? SEVEN_DAYS_MS;
  }

  #committed(committed: Committed): void {
    const { rows, requests, now } = committed;
    this.#state.datasets.add(rows, now);
    this.#extent = {
      rows: this.#extent.rows + rows.rowCount,
      spans: this.#extent.spans + requests.reduce((sum, { spanCount }) => sum + spanCount, 0),
      oldest: this.#extent.oldest ?? now,
    };
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

  /** Saves what is kept in memory, and evicts what is too old or too much. */
  async #maintain(): Promise<void> {
    // No commit in between: what it adds to the log would look like more than the cap.
    await this.#writer.exclusively(async (connection) => {
      await saveLastWritten(connection, this.#state.catalogue);
      await this.#state.counters.save(connection);
      const before = BigInt(Date.now() - this.#maxAgeMs) * 1_000_000n;
      await this.#evict('evicted_age', (trace) => evictOlderThan(connection, trace, before));
      this.#bytes = await usedBytes(connection, this.#options.directory);
      if (this.#bytes <= this.#maxBytes) return;
      // The log holds ten times the bytes that its rows take once they are folded into the file.
      await this.#checkpoint();
      this.#bytes = await usedBytes(connection, this.#options.directory);
      if (this.#bytes <= this.#maxBytes) return;
      const share = 1 - (EVICTION_TARGET * this.#maxBytes) / this.#bytes;
      await this.#evict('evicted_bytes', (trace) =>
        evictShare(connection, trace, share, this.#maxBytes * MINIMUM_KEPT),
      );
    });
  }

  /** Runs on the writer's connection, between its transactions. */
  async #evict(
    counter: 'evicted_age' | 'evicted_bytes',
    evict: (trace: string) => Promise<Evicted>,
  ): Promise<void> {
    const trace = this.#state.catalogue.fields.get('trace.trace_id')?.sql;
    if (trace === undefined) return;
    await this.#checkpointer.idle();
    const { rows, spans } = await evict(trace);
    if (rows === 0) return;
    this.#state.counters.add(counter, spans);
    this.#state.scopes.forget();
    await this.#checkpoint();
    await this.#measure();
  }

  /** A whole checkpoint, and not the rest of one that began before. */
  async #checkpoint(): Promise<void> {
    await this.#checkpointer.idle();
    await this.#checkpointer.run();
  }

  async #measure(): Promise<void> {
    const result = await this.#connection.runAndReadAll(
      'SELECT count(*), count(_span), min(_received) // 1000000 FROM spans',
    );
    const [rows, spans, oldest] = result.getRows()[0] ?? [];
    this.#extent = {
      rows: Number(rows),
      spans: Number(spans),
      oldest: oldest === null ? undefined : Number(oldest),
    };
    await this.#state.datasets.load(this.#connection);
    this.#bytes = await usedBytes(this.#connection, this.#options.directory);
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#maintaining;
    await this.#writer.exclusively(async (connection) => {
      await saveLastWritten(connection, this.#state.catalogue);
      await this.#state.counters.save(connection);
    });
    await this.#writer.close();
    this.#pool.close();
    await this.#checkpointer.run();
    this.#connection.closeSync();
    closeDatabase(this.#instance, this.#options.directory);
  }
}

function notices(catalogue: FieldCatalogue, counters: Counters, maxBytes: number): string[] {
  const said: string[] = [];
  if (catalogue.spilledCount > 0) {
    said.push(
      `${catalogue.spilledCount} fields beyond the first ${catalogue.columns.length} share one column: they can be queried, slower.`,
    );
  }
  if (catalogue.hasUnlisted) {
    said.push('Too many different field names: some are kept with their spans only and cannot be queried.');
  }
  const evicted = counters.get('evicted_bytes');
  if (evicted > 0) {
    said.push(
      `The store reached its cap of ${Math.round(maxBytes / 1024 ** 2)} MiB: ${evicted} spans of the oldest traces were dropped.`,
    );
  }
  if (counters.get('failed') > 0) {
    said.push(`${counters.get('failed')} spans could not be written to disk.`);
  }
  return said;
}
