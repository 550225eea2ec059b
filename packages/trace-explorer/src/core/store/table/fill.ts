import { BIGINT, BLOB, DuckDBDataChunk, INTEGER, VARCHAR } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import type { FieldType, FieldValue } from '../../fields/field-type.ts';
import type { Batch } from '../rows/batch.ts';
import { ColumnBuffer, eachRun } from '../rows/batch.ts';
import type { ColumnPlan } from './catalogue.ts';
import type { DbColumn } from './field.ts';
import { DUCKDB_TYPES, jsonKey, OVERFLOW } from './field.ts';
import type { Vector } from './vectors.ts';
import { copyValues, fillNulls, VectorFiller } from './vectors.ts';

const INTERNAL_TYPES = [BIGINT, BIGINT, BIGINT, VARCHAR, BLOB, INTEGER, INTEGER, VARCHAR];
/** Rough limit for the bytes of a row's JSON object. Further fields are only in the span. */
const MAX_OVERFLOW_BYTES = 128 * 1024;

/**
 * Fills DuckDB data chunks from a batch's columns, through the bindings: the API's wrappers took three times as long. One
 * chunk is reused: the garbage collector does not see its native memory (new ones made the process grow by 300 MB).
 */
export class ChunkFiller {
  readonly #vectors = new VectorFiller();
  #types = '';
  #chunk = DuckDBDataChunk.create(INTERNAL_TYPES);

  /**
   * Prepares for these rows. @param columns of the table, in order @param ids `_scope` of each scope
   * @returns the chunk with rows from..to, valid until the next call
   */
  start(batch: Batch, plan: ColumnPlan, columns: readonly DbColumn[], ids: readonly number[]) {
    const types = columns.map(({ type }) => type[0]).join('');
    if (types !== this.#types) {
      const fieldTypes = columns.map(({ type }) => DUCKDB_TYPES[type]);
      this.#chunk = DuckDBDataChunk.create([...INTERNAL_TYPES, ...fieldTypes]);
      this.#types = types;
    }
    const chunk = this.#chunk;
    const own = new Map<DbColumn, ColumnBuffer>();
    const overflowing: ColumnBuffer[] = [];
    for (const field of plan.fields)
      for (const [column, values] of byColumn(field)) {
        if (column.name === OVERFLOW) overflowing.push(values);
        else own.set(column, values);
      }
    const overflow = overflowing.length === 0 ? undefined : overflowTexts(batch, overflowing);
    return (from: number, to: number): DuckDBDataChunk => {
      const count = to - from;
      chunk.reset();
      chunk.rowCount = count;
      const vector = (index: number) => duckdb.data_chunk_get_vector(chunk.chunk, index);

      const integers = new BigInt64Array(count);
      const scopes = new Int32Array(count);
      this.#vectors.fill(vector(3), 'string', count, (write) => {
        for (const [index, scope] of batch.scopes.entries()) {
          const [first, end] = [Math.max(scope.from, from) - from, Math.min(scope.to, to) - from];
          if (first >= end) continue;
          write(scope.dataset, first, end);
          integers.fill(scope.received, first, end);
          scopes.fill(ids[index] ?? 0, first, end);
        }
      });
      copyValues(vector(1), integers);
      integers.set(batch.times.slice(from, to));
      copyValues(vector(0), integers);
      for (let index = 0; index < count; index++) integers[index] = BigInt(batch.firstSeq + from + index);
      copyValues(vector(2), integers);
      copyValues(vector(5), scopes);
      copyValues(vector(6), Int32Array.from(batch.sizes.slice(from, to)));
      const fillRows = (target: Vector, texts: readonly (string | Uint8Array | undefined)[]) =>
        this.#vectors.fill(target, 'string', count, (write) => {
          for (let row = 0; row < count; row++) {
            const text = texts[from + row];
            if (text !== undefined) write(text, row, row + 1);
          }
        });
      fillRows(vector(4), batch.spans);
      if (overflow === undefined) fillNulls(vector(7), count);
      else fillRows(vector(7), overflow);

      for (const [index, column] of columns.entries()) {
        const target = vector(INTERNAL_TYPES.length + index);
        const values = own.get(column);
        if (values === undefined) fillNulls(target, count);
        else
          this.#vectors.fill(target, column.type, count, (write) =>
            eachRun(values, (value, first, end) => write(value, first - from, end - from), from, to),
          );
      }
      return chunk;
    };
  }
}

/** A buffer's values by their column. */
function byColumn({ buffer, columns }: ColumnPlan['fields'][number]): ReadonlyMap<DbColumn, ColumnBuffer> {
  const [only, ...others] = new Set(columns.values());
  if (only !== undefined && others.length === 0) return new Map([[only, buffer]]);
  const isFloat = columns.has('float');
  const split = new Map<DbColumn, ColumnBuffer>();
  eachRun(buffer, (value, from, to) => {
    const sent = typeof value === 'string' || typeof value === 'boolean' ? typeof value : undefined;
    const column = columns.get((sent as FieldType | undefined) ?? (isFloat ? 'float' : 'integer'));
    if (column === undefined) return;
    const own = split.get(column) ?? new ColumnBuffer(buffer.name);
    split.set(column, own);
    for (let row = from; row < to; row++) own.set(row, value);
  });
  return split;
}

/** The JSON object of each row, or undefined. Adds the object's bytes to the row's weight. */
function overflowTexts(batch: Batch, buffers: readonly ColumnBuffer[]): (string | undefined)[] {
  const entries: (string | undefined)[] = new Array(batch.rowCount).fill(undefined);
  // The rows' own fields go first: resources may have too many fields.
  for (const buffer of buffers.toSorted((a, b) => b.values.length - a.values.length)) {
    const key = jsonKey(buffer.name);
    eachRun(buffer, (value, from, to) => {
      const entry = key + jsonValue(value);
      for (let row = from; row < to; row++) {
        const before = entries[row];
        if (before === undefined) entries[row] = entry;
        else if (before.length + entry.length < MAX_OVERFLOW_BYTES) entries[row] = `${before},${entry}`;
      }
    });
  }
  for (const [row, text] of entries.entries()) {
    if (text === undefined) continue;
    entries[row] = `{${text}}`;
    batch.weights[row] = (batch.weights[row] ?? 0) + text.length;
  }
  return entries;
}

/** JSON has neither 64-bit integers nor NaN. Both become text, and the field's SQL casts the text back. */
function jsonValue(value: FieldValue): string {
  if (typeof value === 'number' ? Number.isFinite(value) : typeof value === 'boolean') return String(value);
  return JSON.stringify(String(value));
}
