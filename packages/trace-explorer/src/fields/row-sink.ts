import type { FieldType, FieldValue } from './field-type.ts';
import type { SharedFields } from './resource.ts';

/** The parts of a row that are not fields. */
export interface RowStart {
  /** Nanoseconds since the epoch, at most 2^63 - 1. */
  readonly time: bigint;
  /** The Span or LogRecord message; undefined on rows of span events and links. */
  readonly message: Uint8Array | undefined;
  /** Size as received, in bytes. */
  readonly bytes: number;
  /** How many events it stands for: 1 where nothing was sampled. */
  readonly sampleRate: number;
}

/** Takes fields; setting one again replaces its value. */
export interface FieldSink {
  set(field: string, type: FieldType, value: FieldValue): void;
}

/** Takes rows one at a time: `start`, then the row's own fields. */
export interface RowSink extends FieldSink {
  /** Sets what all rows have that start from here on, until it is called again; a row's own field replaces it. */
  share(fields: SharedFields): void;
  start(row: RowStart): void;
}
