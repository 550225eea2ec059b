import { hash } from 'node:crypto';
import type { Resource, Scope } from '@tandem/otlp';
import { SAMPLE_RATE_FIELD } from '../fields/core-fields.ts';
import type { FieldType, FieldValue } from '../fields/field-type.ts';
import type { RowSink, RowStart } from '../fields/row-sink.ts';
import type { SharedFields } from '../fields/shared-fields.ts';
import type { Run } from './column-buffer.ts';
import { ColumnBuffer, TYPE_BIT } from './column-buffer.ts';
import { MAX_INLINE_BYTES } from './parts-schema.ts';
import type { ScopeTable } from './scope-table.ts';
import { TextBudget } from './text-budget.ts';

/**
 * Bytes of a row's texts. DuckDB reads 2,048 whole rows at a time where it makes one row group out of several, so a row
 * has a limit as a value has.
 */
const LONG_ROW_BYTES = 20 * 1024;
const MAX_ROW_BYTES = 64 * 1024;
/**
 * The same of the fields of resource and scope, which DuckDB writes out for each of their rows. `maxSharedRowBytes` of
 * DECODE_LIMITS counts no more than this for a row.
 */
const LONG_SHARED_BYTES = 4 * 1024;
export const MAX_SHARED_BYTES = 16 * 1024;
/** Of a shared value that is no text. */
const VALUE_BYTES = 8;
/** What a row takes besides its texts and its span: internal columns, roughly. */
const ROW_BYTES = 64;

interface Source {
  readonly resource: Resource;
  readonly scope: Scope;
}

/** Rows of one resource and scope, from..to. */
export interface RowGroup {
  readonly from: number;
  to: number;
  readonly source: Source;
  /** `_scope` of the rows; 0 until `numberScopes`. */
  scope: number;
  readonly dataset: string;
  /** The dataset that was named for them, which is not always theirs: see ExportRequest. */
  readonly named: string | undefined;
  /** Nanoseconds since the epoch. */
  readonly received: bigint;
}

/** Rows waiting to be written, column by column: what one transaction of the writer takes. */
export class RowBuffer implements RowSink {
  readonly columns = new Map<string, ColumnBuffer>();
  /** All rows, in order. */
  readonly groups: RowGroup[] = [];
  readonly times: bigint[] = [];
  /** Span and LogRecord messages. */
  readonly spans: (Uint8Array | undefined)[] = [];
  readonly sizes: number[] = [];
  /** Bytes that each row takes in the database, without those of `large`. */
  readonly weights: number[] = [];
  /** Messages too large for their rows, by row; `spans` has their hash, so that different ones differ there, too. */
  readonly large = new Map<number, Uint8Array>();
  #row = -1;
  #dataset = '';
  /** Shared values whose rows are still coming. */
  #open: Run[] = [];
  #sharedBytes = 0;
  /** The one that was written last. */
  #column: ColumnBuffer | undefined;
  readonly #texts = new TextBudget(LONG_ROW_BYTES, MAX_ROW_BYTES);

  get rowCount(): number {
    return this.times.length;
  }

  /** Sets what the following rows share besides their fields. */
  group({ resource, scope }: Source, dataset: string, received: bigint, named?: string): void {
    this.#dataset = dataset;
    const source = { resource, scope };
    this.groups.push({
      from: this.rowCount,
      to: this.rowCount,
      source,
      scope: 0,
      dataset,
      named,
      received,
    });
  }

  /** Numbers the rows' scopes: when they are written and not before, as those that no row has are deleted. */
  numberScopes(scopes: ScopeTable): void {
    for (const group of this.groups) group.scope = scopes.idOf(group.source);
  }

  share(fields: SharedFields): void {
    const from = this.rowCount;
    for (const run of this.#open) run.to = from;
    this.#open = [];
    const texts = new TextBudget(LONG_SHARED_BYTES, MAX_SHARED_BYTES);
    for (const [field, { type, value: given }] of fields) {
      const value = typeof given === 'string' ? texts.fitting(field, given) : given;
      if (value === undefined || (typeof value !== 'string' && !texts.spend(field, VALUE_BYTES))) continue;
      const run = { from, to: Number.POSITIVE_INFINITY, value };
      this.#columnOf(field, type).runs.push(run);
      this.#open.push(run);
    }
    this.#sharedBytes = texts.bytes;
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
    this.#texts.bytes = this.#sharedBytes;
    this.weights.push(ROW_BYTES + this.#sharedBytes + (stored?.byteLength ?? 0));
    this.sizes.push(bytes);
    const group = this.groups.at(-1);
    if (group !== undefined) group.to = this.rowCount;
    // Only where it says something: a store of what was not sampled has no such column.
    if (sampleRate !== 1) this.set(SAMPLE_RATE_FIELD, 'integer', sampleRate);
  }

  set(field: string, type: FieldType, given: FieldValue, source?: object): void {
    let value: FieldValue | undefined = given;
    const before = this.#texts.bytes;
    if (typeof given === 'string') {
      value = this.#texts.fitting(field, given);
      if (value === undefined) return;
      this.weights[this.#row] = (this.weights[this.#row] ?? 0) + this.#texts.bytes - before;
    }
    const column = this.#columnOf(field, type);
    column.set(this.#row, value);
    column.source = before <= LONG_ROW_BYTES ? source : undefined;
    column.sourceBytes = this.#texts.bytes - before;
  }

  again(source: object): boolean {
    const column = this.#column?.next;
    if (column === undefined || column.source !== source || column.end !== this.#row) return false;
    const bytes = this.#texts.bytes + column.sourceBytes;
    if (column.lastDataset !== this.#dataset || bytes > LONG_ROW_BYTES) return false;
    this.#texts.bytes = bytes;
    this.weights[this.#row] = (this.weights[this.#row] ?? 0) + column.sourceBytes;
    column.end++;
    this.#column = column;
    return true;
  }

  /** The column, with the type and the dataset of a value that it is about to be given. For every value: a closure would cost memory. */
  #columnOf(field: string, type: FieldType): ColumnBuffer {
    let column = this.#column?.next;
    if (column?.name !== field) {
      column = this.columns.get(field);
      if (column === undefined) {
        column = new ColumnBuffer(field);
        this.columns.set(field, column);
      }
      if (this.#column !== undefined) this.#column.next = column;
    }
    this.#column = column;
    if (column.lastDataset !== this.#dataset) {
      column.lastDataset = this.#dataset;
      column.datasets.add(this.#dataset);
    }
    column.types |= TYPE_BIT[type];
    return column;
  }
}
