import type { FieldValue, RowSink, RowStart } from '../fields/row-sink.ts';
import type { FieldType } from './types.ts';

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
  /** Bytes of the spans held, as received. */
  bytes = 0;
  #row = -1;
  #scope = 0;
  #dataset = '';
  #receivedNow = 0n;

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
    this.spans.push(span);
    this.sizes.push(bytes);
    this.scopes.push(this.#scope);
    this.datasets.push(this.#dataset);
    this.bytes += bytes;
  }

  set(field: string, type: FieldType, value: FieldValue): void {
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
}
