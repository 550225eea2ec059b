import type { StoreOptions } from './options.ts';
import { optionsOf } from './options.ts';
import type { ReadOptions, ReadResult } from './read/statement.ts';
import type { ExportRequest } from './rows/request.ts';
import type { StoreStats } from './supervise/supervisor.ts';
import { Supervisor } from './supervise/supervisor.ts';
import type { WrittenBatch } from './supervise/writer.ts';
import type { Dataset } from './table/counts.ts';
import type { Field } from './table/field.ts';
import type { Deleted, Deletion } from './table/retention.ts';
import type { StoredScope } from './table/scopes.ts';

export type { StoreOptions } from './options.ts';
export type { ReadOptions, ReadResult } from './read/statement.ts';
export type { ExportRequest, Signal } from './rows/request.ts';
export type { StoreStats } from './supervise/supervisor.ts';
export type { WrittenBatch } from './supervise/writer.ts';
export type { Dataset } from './table/counts.ts';
export type { Field } from './table/field.ts';
export type { Deleted, Deletion } from './table/retention.ts';
export type { StoredScope } from './table/scopes.ts';

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
 */
export interface SpanStore {
  /**
   * Fields by exact, case-sensitive name. A field has the type that its dataset sends. Over all datasets, a field of different
   * types is text, or a float where all types are numbers.
   */
  fields(dataset?: string): ReadonlyMap<string, Field>;
  /** The sample rate: NULL in rows that stand for one event. Undefined while all rows are such rows. */
  sampleRate(): Field | undefined;
  datasets(): Promise<readonly Dataset[]>;
  /** Fields of one dataset and when each was last written (milliseconds); undefined where there are too many to remember. */
  datasetFields(dataset: string): ReadonlyMap<string, number> | undefined;
  /** Runs one read-only statement with bound values ($1, $2 …). */
  read(sql: string, values?: readonly unknown[], options?: ReadOptions): Promise<ReadResult>;
  /**
   * Stores decoded spans or log records. Resolves when they survive a crash of the process and are visible to `read`.
   * @throws StoreError, STORE_BUSY at once when the writer is too far behind
   */
  write(request: ExportRequest): Promise<void>;
  /**
   * Called after rows became visible to `read`; with undefined after a deletion or a recovery: rows that were read before
   * may be gone. Returns the unsubscribe function.
   */
  onChange(listener: (written: WrittenBatch | undefined) => void): () => void;
  /** Deletes for good, also the datasets that have no span left. */
  delete(which: Deletion): Promise<Deleted>;
  stats(): StoreStats;
  /** The Span or LogRecord message of a row, by its `_seq`, `_span` and `_bytes`; undefined after an eviction. */
  wholeSpan(seq: number, stored: Uint8Array, bytes: number): Promise<Uint8Array | undefined>;
  /** Resource and scope of a row, by its `_scope`. */
  scope(id: number): Promise<StoredScope | undefined>;
  close(): Promise<void>;
}

/**
 * Opens the store in a directory, or makes it.
 * @throws StoreOpenError when the file is in use, cannot be read, or the file system refuses it
 * @example const store = await openStore({ directory: '.data/explorer' });
 */
export async function openStore(given: StoreOptions): Promise<SpanStore> {
  const store = new Supervisor(optionsOf(given));
  await store.start();
  return store;
}
