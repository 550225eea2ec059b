import type { DuckDBType } from '@duckdb/node-api';
import { BIGINT, BLOB, BOOLEAN, DOUBLE, DuckDBDataChunk, INTEGER, VARCHAR } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import type { FieldType, FieldValue } from '../fields/field-type.ts';
import type { CatalogueField } from './field-catalogue.ts';
import type { ColumnBuffer, RowBuffer } from './row-buffer.ts';
import { spillRows } from './spill.ts';

/** DuckDB's vector size: rows of one data chunk. */
export const CHUNK_ROWS = 2048;

/** Columns before the fields', in the order of the table. */
export const INTERNAL_COLUMNS = [
  '_time BIGINT',
  '_received BIGINT',
  '_seq BIGINT',
  '_dataset VARCHAR',
  // Compressed, spans take 73 bytes of disk where DuckDB's own choice takes 203 (600,000 generated spans).
  '_span BLOB USING COMPRESSION zstd',
  '_scope INTEGER',
  '_bytes INTEGER',
  '_spilled VARCHAR',
] as const;

const INTERNAL_TYPES = [BIGINT, BIGINT, BIGINT, VARCHAR, BLOB, INTEGER, INTEGER, VARCHAR];
const FIELD_TYPES: Readonly<Record<FieldType, DuckDBType>> = {
  string: VARCHAR,
  integer: BIGINT,
  float: DOUBLE,
  boolean: BOOLEAN,
};

/**
 * Fills DuckDB data chunks straight from a RowBuffer's columns. Writes vectors through the bindings: setting
 * values one by one through the API's wrappers took three times as long. One chunk is kept and reused: its
 * memory is native, which the garbage collector does not see (with a new one each time the process grew by 300 MB).
 */
export class ChunkFiller {
  #chunk: DuckDBDataChunk | undefined;
  #types = '';

  /** Makes ready for the rows of these fields, in the order of the table's columns. */
  start(rows: RowBuffer, fields: readonly CatalogueField[], firstSeq: number): Filling {
    const types = fields.map(({ type }) => type[0]).join('');
    if (this.#chunk === undefined || types !== this.#types) {
      this.#types = types;
      this.#chunk = DuckDBDataChunk.create([
        ...INTERNAL_TYPES,
        ...fields.map(({ type }) => FIELD_TYPES[type]),
      ]);
    }
    return new Filling(this.#chunk, rows, fields, firstSeq);
  }
}

/** Rows on their way into data chunks, from the first to the last. */
export class Filling {
  readonly #chunk: DuckDBDataChunk;
  readonly #rows: RowBuffer;
  readonly #fields: readonly CatalogueField[];
  readonly #firstSeq: number;
  readonly #spilled: readonly (string | undefined)[] | undefined;
  /** How far each field's column was read. */
  readonly #cursors: Uint32Array;

  constructor(chunk: DuckDBDataChunk, rows: RowBuffer, fields: readonly CatalogueField[], firstSeq: number) {
    this.#chunk = chunk;
    this.#rows = rows;
    this.#fields = fields;
    this.#firstSeq = firstSeq;
    this.#spilled = spillRows(rows, fields);
    this.#cursors = new Uint32Array(fields.length);
  }

  /** The chunk with rows from..to, which go on where the last ones ended; it is good until the next call. */
  chunk(from: number, to: number): DuckDBDataChunk {
    const chunk = this.#chunk;
    const rows = this.#rows;
    const count = to - from;
    chunk.reset();
    chunk.rowCount = count;
    const vector = (index: number) => duckdb.data_chunk_get_vector(chunk.chunk, index);

    copy(vector(0), BigInt64Array.from(rows.times.slice(from, to)));
    copy(vector(1), BigInt64Array.from(rows.received.slice(from, to)));
    copy(
      vector(2),
      BigInt64Array.from({ length: count }, (_, index) => BigInt(this.#firstSeq + from + index)),
    );
    fillDense(vector(3), rows.datasets, from, to);
    fillDense(vector(4), rows.spans, from, to);
    copy(vector(5), Int32Array.from(rows.scopes.slice(from, to)));
    copy(vector(6), Int32Array.from(rows.sizes.slice(from, to)));
    if (this.#spilled === undefined) fillNulls(vector(7), count);
    else fillDense(vector(7), this.#spilled, from, to);

    for (const [index, field] of this.#fields.entries()) {
      const target = vector(INTERNAL_TYPES.length + index);
      const column = rows.columns.get(field.name);
      if (column === undefined) fillNulls(target, count);
      else this.#cursors[index] = fillSparse(target, field.type, column, this.#cursors[index] ?? 0, from, to);
    }
    return chunk;
  }
}

type Vector = ReturnType<typeof duckdb.data_chunk_get_vector>;

function copy(vector: Vector, values: BigInt64Array | Int32Array | Float64Array | Uint8Array): void {
  duckdb.copy_data_to_vector(vector, 0, values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
}

/** Validity masks come in 64-bit words; 256 bytes cover a whole chunk. */
const MASK_BYTES = CHUNK_ROWS / 8;
const NO_ROWS = new Uint8Array(MASK_BYTES);
const mask = new Uint8Array(MASK_BYTES);

function maskSize(count: number): number {
  return Math.ceil(count / 64) * 8;
}

function fillNulls(vector: Vector, count: number): void {
  setValidity(vector, NO_ROWS, count);
}

function setValidity(vector: Vector, bits: Uint8Array, count: number): void {
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(
    vector,
    0,
    bits.buffer as ArrayBuffer,
    bits.byteOffset,
    maskSize(count),
  );
}

function fillDense(
  vector: Vector,
  values: readonly (string | Uint8Array | undefined)[],
  from: number,
  to: number,
): void {
  mask.fill(0);
  let present = 0;
  for (let row = from; row < to; row++) {
    const value = values[row];
    if (value === undefined) continue;
    const index = row - from;
    mask[index >> 3] = (mask[index >> 3] ?? 0) | (1 << (index & 7));
    present++;
    if (typeof value === 'string') duckdb.vector_assign_string_element(vector, index, value);
    else duckdb.vector_assign_string_element_len(vector, index, value);
  }
  if (present < to - from) setValidity(vector, mask, to - from);
}

const integers = new BigInt64Array(CHUNK_ROWS);
/** The same memory in halves: writing two 32-bit halves spares a bigint for every safe integer. */
const halves = new Int32Array(integers.buffer);
const floats = new Float64Array(CHUNK_ROWS);
const booleans = new Uint8Array(CHUNK_ROWS);

/** Writes a field's values of rows from..to and returns the cursor of the first value after them. */
function fillSparse(
  vector: Vector,
  type: FieldType,
  column: ColumnBuffer,
  cursor: number,
  from: number,
  to: number,
): number {
  const { rows, values } = column;
  mask.fill(0);
  let next = cursor;
  for (; next < rows.length; next++) {
    const row = rows[next] as number;
    if (row >= to) break;
    const index = row - from;
    mask[index >> 3] = (mask[index >> 3] ?? 0) | (1 << (index & 7));
    const value = values[next] as FieldValue;
    switch (type) {
      case 'string':
        duckdb.vector_assign_string_element(vector, index, typeof value === 'string' ? value : String(value));
        break;
      case 'float':
        floats[index] = Number(value);
        break;
      case 'integer':
        if (typeof value === 'bigint') integers[index] = value;
        else {
          halves[index * 2] = value as number;
          halves[index * 2 + 1] = Math.floor((value as number) / 4_294_967_296);
        }
        break;
      case 'boolean':
        booleans[index] = value === true ? 1 : 0;
    }
  }
  const count = to - from;
  if (type === 'float') copy(vector, floats.subarray(0, count));
  else if (type === 'integer') copy(vector, integers.subarray(0, count));
  else if (type === 'boolean') copy(vector, booleans.subarray(0, count));
  if (next - cursor < count) setValidity(vector, mask, count);
  return next;
}
