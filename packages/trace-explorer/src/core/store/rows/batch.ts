import { hash } from 'node:crypto';
import type { Resource, Scope } from '@tandem/otlp';
import { CORE_FIELDS, SAMPLE_RATE_FIELD } from '../../fields/core-fields.ts';
import type { FieldType, FieldValue } from '../../fields/field-type.ts';
import type { SharedFields } from '../../fields/resource.ts';
import type { RowSink, RowStart } from '../../fields/row-sink.ts';
import { cutText } from '../../fields/truncate.ts';
import type { Signal } from './request.ts';

/**
 * Bytes of a Span, LogRecord, Resource or Scope message that stays in its row. A larger message is kept in parts, in another
 * table. DuckDB holds 2,048 values of a column at a time: with messages of this size, an eighth of its memory.
 */
export const MAX_INLINE_BYTES = 8_192;

/**
 * Bytes of a row's texts. After `longBytes` further texts are cut short. After `maxBytes` further fields are only in the
 * span. DuckDB reads 2,048 whole rows at a time where it makes one row group out of several.
 */
const ROW_LIMITS = { longBytes: 20 * 1024, maxBytes: 64 * 1024 };
/** Limits for the fields of resource and scope: lower, because DuckDB writes these fields out for each row. */
const SHARED_LIMITS = { longBytes: 4 * 1024, maxBytes: 16 * 1024 };
const SHORT_TEXT_BYTES = 256;
/** Bytes of a shared value that is not a text, and of a row's internal columns. */
const [VALUE_BYTES, ROW_BYTES] = [8, 64];

/** Rows of requests that are journaled, written or replayed together. Request by request, a replay takes a third longer. */
export const BATCH_ROWS = 4_096;

/** Rows of one resource and scope, from..to. */
export interface ScopeRows {
  readonly from: number;
  to: number;
  readonly source: { readonly resource: Resource; readonly scope: Scope };
  readonly dataset: string;
  /** Nanoseconds since the epoch. */
  readonly received: bigint;
}

/** Requests of one write, column by column. */
export class Batch implements RowSink {
  firstSeq: number;
  /** When the last request came: milliseconds since the epoch. */
  now = 0;
  /** Spans and log records. */
  readonly items: Record<Signal, number> = { traces: 0, logs: 0 };
  readonly columns = new Map<string, ColumnBuffer>();
  /** The entries cover all rows, in order. */
  readonly scopes: ScopeRows[] = [];
  readonly times: bigint[] = [];
  /** Span and LogRecord messages, or the hash of a large one. */
  readonly spans: (Uint8Array | undefined)[] = [];
  readonly sizes: number[] = [];
  /** Bytes that each row takes in the database, without the bytes of `large`. */
  readonly weights: number[] = [];
  /** Messages too large for their rows, by row. */
  readonly large = new Map<number, Uint8Array>();
  #row = -1;
  #dataset = '';
  /** Columns that have a shared value at present. */
  #shared: ColumnBuffer[] = [];
  #sharedBytes = 0;
  /** Bytes of the row's texts so far. */
  #bytes = 0;

  constructor(firstSeq = 0) {
    this.firstSeq = firstSeq;
  }

  get rowCount(): number {
    return this.times.length;
  }

  scope({ resource, scope }: ScopeRows['source'], dataset: string, received: bigint): void {
    this.#dataset = dataset;
    const at = this.rowCount;
    this.scopes.push({ from: at, to: at, source: { resource, scope }, dataset, received });
  }

  share(fields: SharedFields): void {
    for (const column of this.#shared) column.share(this.rowCount, undefined);
    this.#shared = [];
    this.#bytes = 0;
    for (const [field, { type, value: given }] of fields) {
      const value = this.#fitting(field, given, SHARED_LIMITS, VALUE_BYTES);
      if (value === undefined) continue;
      const column = this.#columnOf(field, type);
      column.share(this.rowCount, value);
      this.#shared.push(column);
    }
    this.#sharedBytes = this.#bytes;
  }

  start({ time, message, bytes, sampleRate }: RowStart): void {
    this.#row = this.times.length;
    this.times.push(time);
    let stored = message;
    if (message !== undefined && message.byteLength > MAX_INLINE_BYTES) {
      this.large.set(this.#row, message);
      stored = hash('sha256', message, 'buffer');
    }
    this.spans.push(stored);
    this.#bytes = this.#sharedBytes;
    this.weights.push(ROW_BYTES + this.#sharedBytes + (stored?.byteLength ?? 0));
    this.sizes.push(bytes);
    const scope = this.scopes.at(-1);
    if (scope !== undefined) scope.to = this.rowCount;
    // A store of spans that were not sampled has no such column.
    if (sampleRate !== 1) this.set(SAMPLE_RATE_FIELD, 'integer', sampleRate);
  }

  set(field: string, type: FieldType, given: FieldValue): void {
    const before = this.#bytes;
    const value = this.#fitting(field, given, ROW_LIMITS, 0);
    if (value === undefined) return;
    this.#columnOf(field, type).set(this.#row, value);
    this.weights[this.#row] = (this.weights[this.#row] ?? 0) + this.#bytes - before;
  }

  /** To be called after the last row. */
  finish(): void {
    for (const column of this.#shared) column.fillTo(this.rowCount);
  }

  /** A value, cut where the row has little room. Undefined without any room, except for the explorer's own fields. */
  #fitting(field: string, given: FieldValue, limits: typeof ROW_LIMITS, valueBytes: number) {
    let value = given;
    let bytes = valueBytes;
    if (typeof given === 'string') {
      bytes = given.length;
      if (bytes > SHORT_TEXT_BYTES / 3) {
        const text = cutText(given, this.#bytes > limits.longBytes ? SHORT_TEXT_BYTES : undefined);
        bytes = Buffer.byteLength(text);
        value = text;
      }
    }
    if (bytes > 0 && this.#bytes + bytes > limits.maxBytes && !CORE_FIELDS.has(field)) return undefined;
    this.#bytes += bytes;
    return value;
  }

  /** The column of a value, with the value's type and dataset noted. Runs for every value: a closure would cost memory. */
  #columnOf(field: string, type: FieldType): ColumnBuffer {
    let column = this.columns.get(field);
    if (column === undefined) {
      column = new ColumnBuffer(field);
      this.columns.set(field, column);
    }
    column.note(this.#dataset, TYPE_BIT[type]);
    return column;
  }
}

/** Bits for the types of the values of a column. */
export const TYPE_BIT: Readonly<Record<FieldType, number>> = { string: 1, integer: 2, float: 4, boolean: 8 };

/** The types of a mask of TYPE_BITs. */
export function typesOf(types: number): readonly FieldType[] {
  return (Object.keys(TYPE_BIT) as FieldType[]).filter((type) => (types & TYPE_BIT[type]) !== 0);
}

/**
 * Values of one field. Most rows have the value of the row before, so only changes are kept: from row `rows[i]` on the value
 * is `values[i]`, undefined for none. The last value ends before row `end`.
 */
export class ColumnBuffer {
  readonly name: string;
  readonly rows: number[] = [];
  readonly values: (FieldValue | undefined)[] = [];
  end = 0;
  /** The value of rows without a value of their own. */
  #shared: FieldValue | undefined;
  /** Datasets that wrote this field, with the types of each dataset. */
  readonly datasets = new Map<string, number>();
  #lastDataset: string | undefined;
  #lastTypes = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** The types of all values. */
  get types(): number {
    let types = 0;
    for (const each of this.datasets.values()) types |= each;
    return types;
  }

  /** Sets the value of a new row, or replaces the value of the last row. */
  set(row: number, value: FieldValue): void {
    if (row > this.end) this.fillTo(row);
    else if (row < this.end) this.#takeBack(row);
    this.#add(row, value);
    this.end = row + 1;
  }

  /** Sets the value of rows from `row` on that are given no value of their own. */
  share(row: number, value: FieldValue | undefined): void {
    this.fillTo(row);
    this.#shared = value;
  }

  /** Gives the rows before `row` the shared value. */
  fillTo(row: number): void {
    if (row <= this.end) return;
    if (this.#shared !== undefined || this.rows.length > 0) this.#add(this.end, this.#shared);
    this.end = row;
  }

  /** Notes that a dataset wrote a value of a type. */
  note(dataset: string, type: number): void {
    if (this.#lastDataset === dataset && (this.#lastTypes & type) !== 0) return;
    this.#lastDataset = dataset;
    this.#lastTypes = (this.datasets.get(dataset) ?? 0) | type;
    this.datasets.set(dataset, this.#lastTypes);
  }

  #add(row: number, value: FieldValue | undefined): void {
    const { rows, values } = this;
    if (rows.length > 0 && Object.is(values[rows.length - 1], value)) return;
    rows.push(row);
    values.push(value);
  }

  #takeBack(row: number): void {
    const { rows, values } = this;
    this.end = row;
    if (rows[rows.length - 1] !== row) return;
    rows.pop();
    values.pop();
  }
}

/** Calls `write` with each value of a buffer's rows from..to, and the rows first..end that have the value. */
export function eachRun(
  { rows, values, end }: ColumnBuffer,
  write: (value: FieldValue, first: number, end: number) => void,
  from = 0,
  to = end,
): void {
  let index = 0;
  for (let past = rows.length; past - index > 1; ) {
    const middle = (index + past) >> 1;
    if ((rows[middle] as number) <= from) index = middle;
    else past = middle;
  }
  for (; index < rows.length; index++) {
    const first = Math.max(rows[index] as number, from);
    const last = Math.min(rows[index + 1] ?? end, to);
    if (first >= to) return;
    const value = values[index];
    if (value !== undefined && first < last) write(value, first, last);
  }
}
