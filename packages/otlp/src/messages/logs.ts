import type { Attribute } from './attributes.ts';
import type { Resource, Scope } from './resource.ts';

export interface LogRecord {
  /** The time of the event: nanoseconds since the epoch, unsigned 64 bits as sent; 0 when unknown. */
  readonly timeUnixNano: bigint;
  /** The time of the collection, in nanoseconds; 0 when unknown. */
  readonly observedTimeUnixNano: bigint;
  /** SeverityNumber: 1 to 24, TRACE to FATAL4; 0 for none. */
  readonly severityNumber: number;
  /** The severity in the source's own words. */
  readonly severityText: string;
  /** An AnyValue with an empty key; the kind is `none` without a body. */
  readonly body: Attribute;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  /** W3C trace flags in the lowest eight bits. */
  readonly flags: number;
  /** Lower-case hex, 32 digits; empty for no trace or an invalid id. */
  readonly traceId: string;
  /** Lower-case hex, 16 digits; empty for no span or an invalid id. */
  readonly spanId: string;
  /** Names the kind of event; empty for a plain record. */
  readonly eventName: string;
  /** The LogRecord message in protobuf: the bytes received, or our encoding of a record received as JSON. */
  readonly raw: Uint8Array;
}

/** A record without its encoded form. */
export type LogRecordContent = Omit<LogRecord, 'raw'>;

export interface ScopeLogs {
  readonly resource: Resource;
  readonly scope: Scope;
  readonly logRecords: readonly LogRecord[];
}

/** One export request in memory, from either encoding. */
export interface DecodedLogs {
  readonly scopeLogs: readonly ScopeLogs[];
  readonly recordCount: number;
  /** Records refused one by one; the rest of the request stands. */
  readonly rejectedCount: number;
  /** The first few reasons of refusals, each with the position of the record. For people. */
  readonly rejectedReason: string;
}
