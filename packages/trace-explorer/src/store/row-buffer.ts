import { hash } from 'node:crypto';
import { CORE_FIELDS } from '../fields/core-fields.ts';
import type { FieldType, FieldValue } from '../fields/field-type.ts';
import type { RowSink, RowStart } from '../fields/row-sink.ts';
import { cutText, MAX_TEXT_BYTES } from './cut-text.ts';
import { MAX_INLINE_BYTES } from './parts-schema.ts';

/** Text of a row in bytes, past which its further texts are cut to the length of a short one. */
const LONG_ROW_BYTES = 20 * 1024;
const SHORT_TEXT_BYTES = 256;
/**
 * Past this, further fields stand in the span alone and cannot be queried. DuckDB reads 2,048 whole rows at a time
 * where it makes one row group out of several, so a row has a limit as a value has.
 */
const MAX_ROW_BYTES = 64 * 1024;
/** What a row takes besides its texts and its span: internal columns, roughly. */
const ROW_BYTES = 64;

/** Bits of `ColumnBuffer.types`: which types of value a column was given. */
export const TYPE_BIT: Readonly<Record<FieldType, number>> = { string: 1, integer: 2, float: 4, boolean: 8 };

/** Values of one field, sparse: `values[i]` belongs to row `rows[i]`, ascending. */
export class ColumnBuffer {
  readonly name: string;
  readonly rows: number[] = [];
  readonly values: FieldValue[] = [];
  types = 0;
  /** Datasets that wrote this field; the last one apart, as it is most often the same. */
  readonly datasets = new Set<string>();
  lastDataset: string | undefined;
  lastRow = -1;

  constructor(name: string) {
    this.name = name;
  }
}

/** Rows waiting to be written, column by column: what one transaction of the writer takes. */
export class RowBuffer implements RowSink {
  readonly columns = new Map<string, ColumnBuffer>();
  readonly times: bigint[] = [];
  readonly received: bigint[] = [];
  readonly spans: (Uint8Array | undefined)[] = [];
  readonly sizes: number[] = [];
  readonly scopes: number[] = [];
  readonly datasets: string[] = [];
  /** Bytes that each row takes in the database, without those of `large`. */
  readonly weights: number[] = [];
  /** Spans too large for their rows, by row; `spans` has their hash, so that different ones differ there, too. */
  readonly large = new Map<number, Uint8Array>();
  /** Long texts as they were cut last: those of a resource come again with each row. */
  readonly #cuts = new Map<
    string,
    { readonly text: string; readonly maxBytes: number; readonly cut: string }
  >();
  #row = -1;
  #scope = 0;
  #dataset = '';
  #receivedNow = 0n;
  /** Bytes of the row's texts so far. */
  #text = 0;

  get rowCount(): number {
    return this.times.length;
  }

  /** Sets what the following rows share. */
  group(scope: number, dataset: string, received: bigint): void {
    this.#scope = scope;
    this.#dataset = dataset;
    this.#receivedNow = received;
  }

  start({ time, span, bytes }: RowStart): void {
    this.#row = this.times.length;
    this.times.push(time);
    this.received.push(this.#receivedNow);
    if (span !== undefined && span.byteLength > MAX_INLINE_BYTES) {
      this.large.set(this.#row, span);
      this.spans.push(hash('sha256', span, 'buffer'));
    } else {
      this.spans.push(span);
    }
    this.weights.push(ROW_BYTES + (this.spans[this.#row]?.byteLength ?? 0));
    this.#text = 0;
    this.sizes.push(bytes);
    this.scopes.push(this.#scope);
    this.datasets.push(this.#dataset);
  }

  set(field: string, type: FieldType, given: FieldValue): void {
    const value = typeof given === 'string' ? this.#fitting(field, given) : given;
    if (value === undefined) return;
    let column = this.columns.get(field);
    if (column === undefined) {
      column = new ColumnBuffer(field);
      this.columns.set(field, column);
    }
    if (column.lastDataset !== this.#dataset) {
      column.lastDataset = this.#dataset;
      column.datasets.add(this.#dataset);
    }
    column.types |= TYPE_BIT[type];
    if (column.lastRow === this.#row) {
      column.values[column.values.length - 1] = value;
      return;
    }
    column.lastRow = this.#row;
    column.rows.push(this.#row);
    column.values.push(value);
  }

  /** The text as the row has room for it; undefined when it has none. */
  #fitting(field: string, text: string): string | undefined {
    let fitting = text;
    let bytes = text.length;
    if (bytes > SHORT_TEXT_BYTES / 3) {
      fitting = this.#cut(field, text, this.#text > LONG_ROW_BYTES ? SHORT_TEXT_BYTES : MAX_TEXT_BYTES);
      bytes = Buffer.byteLength(fitting);
    }
    // What the explorer itself needs of a span is there in any case.
    if (this.#text + bytes > MAX_ROW_BYTES && !CORE_FIELDS.has(field)) return undefined;
    this.#text += bytes;
    this.weights[this.#row] = (this.weights[this.#row] ?? 0) + bytes;
    return fitting;
  }

  #cut(field: string, text: string, maxBytes: number): string {
    if (text.length * 3 <= maxBytes) return text;
    const last = this.#cuts.get(field);
    if (last?.maxBytes === maxBytes && last.text === text) return last.cut;
    const cut = cutText(text, maxBytes);
    this.#cuts.set(field, { text, maxBytes, cut });
    return cut;
  }
}
