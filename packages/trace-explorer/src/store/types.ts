import type { DecodedLogs, DecodedTraces } from '@tandem/otlp';
import type { FieldType } from '../fields/field-type.ts';
import type { Deadline } from '../shared/deadline.ts';
import type { OnFailure } from './errors.ts';

/** Signals that the store keeps. */
export type Signal = 'traces' | 'logs';

/** A decoded request, or a part of one. Spans and log records take the same way into the store. */
export type ExportRequest = (DecodedTraces | DecodedLogs) & {
  /** All of a small request in protobuf, or gzip of it, where nothing was left out: the journal keeps these bytes. */
  readonly body?: Uint8Array;
  /** The dataset that its sender names: for all its spans, or for its log records without a service name. */
  readonly dataset?: string;
};

export function isLogs<Request extends Pick<DecodedTraces, 'spanCount'> | Pick<DecodedLogs, 'recordCount'>>(
  request: Request,
): request is Extract<Request, Pick<DecodedLogs, 'recordCount'>> {
  return 'recordCount' in request;
}

export function signalOf(request: ExportRequest): Signal {
  return isLogs(request) ? 'logs' : 'traces';
}

/** How many spans or log records a request has. */
export function itemCount(request: ExportRequest): number {
  return isLogs(request) ? request.recordCount : request.spanCount;
}

/** One field of the store: what Honeycomb calls a column. */
export interface Field {
  /** As sent, case-sensitive. */
  readonly name: string;
  readonly type: FieldType;
  /** SQL expression that reads the field from table `spans`. Made by the store alone, so it may be spliced into a statement. */
  readonly sql: string;
  /** True where all values are in the JSON column that further fields share. */
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
   * One deadline for all statements of a request. A request that waits for a reader until then is refused (StoreBusyError). A
   * statement that runs until then is interrupted (ReadTimeoutError). Without a deadline a statement may run for ever, and
   * waits for a reader for at most 15 s.
   */
  readonly deadline?: Deadline;
  /** Is given each row, and the result has none: moving a hundred thousand rows would be half the work. */
  readonly take?: (row: readonly unknown[]) => void;
  /** For a statement about one trace or span: it does not wait for statements that scan the store. */
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

/** Rows that were just written, for live updates. */
export interface WrittenBatch {
  /** `_seq` of the last row: a position in the order of arrival. */
  readonly seq: number;
  /** Log records among its rows. */
  readonly logs: number;
  readonly traceIds: readonly string[];
}

/** Spans or log records that the store does not have, or no longer has, by reason. */
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

/** What to delete: everything, one trace with its log records, or traces and log records that end before a time (nanoseconds). */
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
  /** Fields that share one JSON column. Queries of these are slower. */
  readonly spilledFields: number;
  /** Spans dropped since the explorer's start, by reason. */
  readonly dropped: Dropped;
  /** The same of log records. */
  readonly droppedLogs: Dropped;
  /** Sentences for people, such as that the cap was reached. */
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
  /** The sample rate, NULL in rows that stand for one event; undefined while there is no other row. */
  sampleRate(): Field | undefined;
  datasets(): Promise<readonly Dataset[]>;
  /** Fields of one dataset and when each was last written (milliseconds); undefined where there are too many to remember. */
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
  /** Deletes for good, with datasets that have no span any more. */
  delete(which: Deletion): Promise<Deleted>;
  /** Called after rows were deleted by `delete`. Returns the unsubscribe function. */
  onDeleted(listener: () => void): () => void;
  stats(): StoreStats;
  /** The Span or LogRecord message of a row, by its `_seq`, `_span` and `_bytes`; undefined when it was evicted meanwhile. */
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
  /** Bytes on disk; default 1 GiB. */
  readonly maxBytes?: number;
  /** Milliseconds that a trace is kept after its last span came; default 7 days. */
  readonly maxAgeMs?: number;
  /** Rows of a row group and of a transaction; default 32,768, and less with a small `maxBytes`. */
  readonly rowGroupRows?: number;
  /** Fields with a column of their own; default 256. Further fields share one column. */
  readonly maxColumns?: number;
  /** Milliseconds between two looks at size and age; default 10 s. */
  readonly maintenanceIntervalMs?: number;
  /** DuckDB's memory in megabytes (a wide table adds to it); default 128. */
  readonly memoryMb?: number;
  /** Told of failures of what the store does by itself, for the log. */
  readonly onFailure?: OnFailure;
  /** Told of acknowledged spans that are lost: a sentence for the log, which is in `stats().notices` too. */
  readonly onLost?: (sentence: string) => void;
  /** Told when the file was opened anew. */
  readonly onReopened?: () => void;
}
