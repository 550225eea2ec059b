import type { FieldType, FieldValue } from './field-type.ts';

/** What identifies a row apart from its fields. */
export interface RowStart {
  /** Nanoseconds since the epoch, at most 2^63 - 1. */
  readonly time: bigint;
  /** The Span message; undefined on rows of span events and links. */
  readonly span: Uint8Array | undefined;
  /** Size as received, in bytes. */
  readonly bytes: number;
}

/** Takes rows one at a time: `start`, then the row's fields. Setting a field again replaces its value. */
export interface RowSink {
  start(row: RowStart): void;
  set(field: string, type: FieldType, value: FieldValue): void;
}
