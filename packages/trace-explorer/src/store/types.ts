import type { FieldType } from '../fields/field-type.ts';
import type { Deadline } from '../shared/deadline.ts';
import type { OnFailure } from './errors.ts';
import type { ExportRequest } from './export-request.ts';

/** One field of the store: what Honeycomb calls a column. */
export interface Field {
  /** As sent, case-sensitive. */
  readonly name: string;
  readonly type: FieldType;
  /**
   * SQL expression that reads the field from table `spans`: a quoted physical column, an extraction
   * from a column of JSON objects, or several of them. Made by the store alone, so it may be spliced into a statement.
   */
  readonly sql: string;
  /** True where all values are in the one JSON column that fields share which have no column of their own. */
  readonly spilled: boolean;
  /** Milliseconds since the epoch. */
  readonly created: number;
  /** Milliseconds since the epoch. */
  readonly lastWritten: number;
}

/** Rows of one statement; BIGINT as a number when it is safe to, else as a bigint; BLOB as Uint8Array. */
export interface ReadResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /**
   * By when the answer must be there, one for all statements of a request. Who waits for a reader until then is refused
   * (StoreBusyError), and a statement that runs until then is interrupted (ReadTimeoutError). Without a deadline a statement
   * may run for ever, and waits for a reader for at most 15 s.
   */
  readonly deadline?: Deadline;
  /** Is given each row, and the result has none: of a hundred thousand rows that are kept, moving them is half the work. */
  readonly take?: (row: readonly unknown[]) => void;
  /** Of statements about one trace or span, or about nothing that is stored: they do not wait behind those that scan the store. */
  readonly short?: boolean;
}

export interface Dataset {
  readonly name: string;
  /** Rows: spans, span events, links and log records, as Honeycomb counts them. */
  readonly spans: number;
  /** Milliseconds since the epoch. */
  readonly lastWritten: number;
  /** Milliseconds since the epoch. */
  readonly created: number;
}

export interface WriteResult {
  /** Rows stored: spans, span events, links and log records. */
  readonly rows: number;
  /** Spans or log records stored. */
  readonly items: number;
}

/** What live updates need to know of a span, without reading it back. */
export interface WrittenBatch {
  /** `_seq` of the last row of the batch: a resumable position in the order of arrival. */
  readonly seq: number;
  /** Log records among its rows. */
  readonly logs: number;
  /** Of the spans and of the log records. */
  readonly traceIds: readonly string[];
}

/** Spans or log records that the store does not have (any more), by reason. */
export interface Dropped {
  /** Evicted to stay under maxBytes. */
  readonly bytes: number;
  /** Evicted because older than maxAgeMs. */
  readonly age: number;
  /** Refused when received: malformed, or larger than a span may be. */
  readonly rejected: number;
  /** Refused because the writer was behind; the sender was told to retry. */
  readonly busy: number;
  /** Accepted, but DuckDB refused them, or the journal was damaged. */
  readonly failed: number;
}

/**
 * What to delete: everything, one trace with its log records, or what is before a moment (nanoseconds): traces whose last
 * row is, and log records without a trace.
 */
export type Deletion = { readonly all: true } | { readonly traceId: string } | { readonly before: bigint };

export interface Deleted {
  readonly traces: number;
  readonly spans: number;
  readonly logs: number;
}

export interface StoreStats {
  readonly spans: number;
  readonly logs: number;
  readonly rows: number;
  /** Bytes in use on disk (data and journal). */
  readonly bytes: number;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** Milliseconds since the epoch of the oldest row's arrival; undefined when the store is empty. */
  readonly oldest: number | undefined;
  readonly fields: number;
  /** Fields that share one JSON column: they can be queried, slower. */
  readonly spilledFields: number;
  /** Spans dropped since the store was made, by reason. */
  readonly dropped: Dropped;
  /** The same of log records. */
  readonly droppedLogs: Dropped;
  /** Sentences for people: the cap was reached, fields spilled. Empty when there is nothing to say. */
  readonly notices: readonly string[];
}

/**
 * The explorer's store: one wide table `spans` with a row per span, span event, span link and log record.
 *
 * Internal columns, besides the fields of the catalogue:
 * - `_time` BIGINT: start (events and log records: their time), nanoseconds since the epoch
 * - `_received` BIGINT: nanoseconds since the epoch
 * - `_seq` BIGINT: order of arrival, unique
 * - `_dataset` VARCHAR: the resource's service name, as Honeycomb names datasets
 * - `_span` BLOB: the OTLP Span or LogRecord message (protobuf) as received; its SHA-256 where `_bytes` is more than stands here (see
 *   `wholeSpan`); NULL on rows of events and links
 * - `_scope` INTEGER: refers to `scopes (id, resource BLOB, resource_schema_url, scope BLOB, scope_schema_url)`
 * - `_bytes` INTEGER: size of the row as received, for eviction
 */
export interface SpanStore {
  /**
   * Fields by exact, case-sensitive name. A field has the type that its dataset sends: over all datasets it is a text where
   * they differ, or a float where all are numbers.
   */
  fields(dataset?: string): ReadonlyMap<string, Field>;
  /** The sample rate of rows that stand for several events, NULL in all others; undefined while there is no such row. */
  sampleRate(): Field | undefined;
  datasets(): Promise<readonly Dataset[]>;
  /**
   * Fields of one dataset and when each was last written (milliseconds), known since the store was made; undefined where
   * there are too many datasets to know.
   */
  datasetFields(dataset: string): ReadonlyMap<string, number> | undefined;
  /** Runs one read-only statement with bound values ($1, $2 …). */
  read(sql: string, values?: readonly unknown[], options?: ReadOptions): Promise<ReadResult>;
  /**
   * Stores decoded spans or log records. Resolves when they survive a crash of the process and are visible to `read`.
   * @throws StoreBusyError at once when the writer is too far behind
   */
  write(request: ExportRequest): Promise<WriteResult>;
  /** Called after rows became visible to `read`. Returns the unsubscribe function. */
  onWritten(listener: (written: WrittenBatch) => void): () => void;
  /** Deletes for good, with fields and datasets that are of no span any more. What is being written stays. */
  delete(which: Deletion): Promise<Deleted>;
  /** Called after rows were deleted by `delete`. Returns the unsubscribe function. */
  onDeleted(listener: () => void): () => void;
  stats(): StoreStats;
  /**
   * The Span or LogRecord message of a row, by its `_seq`, `_span` and `_bytes`: a large one is kept beside its row.
   * Undefined when it was evicted meanwhile.
   */
  wholeSpan(seq: number, stored: Uint8Array, bytes: number): Promise<Uint8Array | undefined>;
  /** Resource and scope of a row, by its `_scope`. */
  scope(id: number): Promise<StoredScope | undefined>;
  close(): Promise<void>;
}

/** OTLP Resource and InstrumentationScope messages (protobuf) as received, with their schema URLs. */
export interface StoredScope {
  readonly resource: Uint8Array;
  readonly resourceSchemaUrl: string;
  readonly scope: Uint8Array;
  readonly scopeSchemaUrl: string;
}

export interface StoreOptions {
  /** Made if absent, with access for the owner alone. */
  readonly directory: string;
  /** Bytes on disk to stay under; default 1 GiB. */
  readonly maxBytes?: number;
  /** Milliseconds that a trace is kept after its last span came; default 7 days. */
  readonly maxAgeMs?: number;
  /** Rows that are freed together when all are deleted; default 32,768, and less with a small `maxBytes`. */
  readonly rowGroupRows?: number;
  /** Columns; default 256. Further fields share one. */
  readonly maxColumns?: number;
  /** Milliseconds between two looks at size and age; default 10 s. */
  readonly maintenanceIntervalMs?: number;
  /** DuckDB's memory in megabytes (a wide table adds to it); default 128. */
  readonly memoryMb?: number;
  /** Told of failures that nobody waits for, for the log; `stats().notices` say them too. */
  readonly onFailure?: OnFailure;
  /**
   * Told of what was acknowledged and is not in the store, or of a store that cannot be read and was moved aside: a sentence
   * for the log; `stats().notices` say it too, until the process ends.
   */
  readonly onLost?: (sentence: string) => void;
  /** Told when the file was opened anew. */
  readonly onReopened?: () => void;
}

/** What of it decides how the files are opened. */
export type FileOptions = Required<
  Pick<StoreOptions, 'directory' | 'maxBytes' | 'maxAgeMs' | 'maxColumns' | 'memoryMb' | 'rowGroupRows'>
>;
