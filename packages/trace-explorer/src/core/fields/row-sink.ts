import type { FieldType, FieldValue } from './field-type.ts';
import type { SharedFields } from './resource.ts';

export interface RowStart {
  /** Nanoseconds since the epoch, at most 2^63 - 1. */
  readonly time: bigint;
  /** The Span or LogRecord message; undefined on rows of span events and links. */
  readonly message: Uint8Array | undefined;
  /** Size of the received message, in bytes. */
  readonly bytes: number;
  /** How many events the row stands for: 1 without sampling. */
  readonly sampleRate: number;
}

/** Takes fields. The last value of a field counts. */
export interface FieldSink {
  set(field: string, type: FieldType, value: FieldValue): void;
}

/** Takes rows one at a time: `start`, then the row's own fields. */
export interface RowSink extends FieldSink {
  /** Sets the fields that all following rows share, until the next call. A row's own field replaces a shared field. */
  share(fields: SharedFields): void;
  start(row: RowStart): void;
}
