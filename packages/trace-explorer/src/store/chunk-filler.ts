import type { DuckDBType } from '@duckdb/node-api';
import { BIGINT, BLOB, BOOLEAN, DOUBLE, DuckDBDataChunk, INTEGER, VARCHAR } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import type { FieldType } from '../fields/field-type.ts';
import type { FieldCatalogue } from './field-catalogue.ts';
import { SPILL_COLUMN } from './field-catalogue.ts';
import { FieldFilling } from './field-filling.ts';
import type { JsonTexts } from './json-texts.ts';
import { jsonTexts } from './json-texts.ts';
import type { RowBuffer, RowGroup } from './row-buffer.ts';
import { copyValues, fillNulls, fillTexts, IntegerVector } from './vectors.ts';

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

const integers = new IntegerVector();

/**
 * Fills DuckDB data chunks straight from a RowBuffer's columns. Writes vectors through the bindings: setting
 * values one by one through the API's wrappers took three times as long. One chunk is kept and reused: its
 * memory is native, which the garbage collector does not see (with a new one each time the process grew by 300 MB).
 */
export class ChunkFiller {
  #chunk: DuckDBDataChunk | undefined;
  #types = '';

  /** Makes ready for these rows. */
  start(rows: RowBuffer, catalogue: FieldCatalogue, firstSeq: number): Filling {
    const { columns } = catalogue;
    const types = columns.map(({ type }) => type[0]).join('');
    if (this.#chunk === undefined || types !== this.#types) {
      this.#types = types;
      this.#chunk = DuckDBDataChunk.create([
        ...INTERNAL_TYPES,
        ...columns.map(({ type }) => FIELD_TYPES[type]),
      ]);
    }
    return new Filling(this.#chunk, rows, catalogue, firstSeq);
  }
}

/** Rows on their way into data chunks, from the first to the last. */
export class Filling {
  readonly #chunk: DuckDBDataChunk;
  readonly #rows: RowBuffer;
  readonly #fields: readonly (FieldFilling | JsonTexts | undefined)[];
  readonly #firstSeq: number;
  readonly #spilled: JsonTexts | undefined;
  /** The group of the first row to come. */
  #group = 0;

  constructor(chunk: DuckDBDataChunk, rows: RowBuffer, catalogue: FieldCatalogue, firstSeq: number) {
    this.#chunk = chunk;
    this.#rows = rows;
    this.#firstSeq = firstSeq;
    const texts = jsonTexts(rows, catalogue.fields);
    this.#spilled = texts.get(SPILL_COLUMN);
    this.#fields = catalogue.columns.map(({ column, type, field }) => {
      if (field === undefined) return texts.get(column);
      const values = rows.columns.get(field);
      return values && new FieldFilling(type, values);
    });
  }

  /** The chunk with rows from..to, which go on where the last ones ended; it is good until the next call. */
  chunk(from: number, to: number): DuckDBDataChunk {
    const chunk = this.#chunk;
    const rows = this.#rows;
    const count = to - from;
    chunk.reset();
    chunk.rowCount = count;
    const vector = (index: number) => duckdb.data_chunk_get_vector(chunk.chunk, index);

    const scopes = new Int32Array(count);
    const datasets: string[] = new Array(count);
    for (const group of this.#groups(from, to)) {
      const first = Math.max(group.from, from) - from;
      const end = Math.min(group.to, to) - from;
      integers.array.fill(group.received, first, end);
      scopes.fill(group.scope, first, end);
      datasets.fill(group.dataset, first, end);
    }
    copyValues(vector(1), integers.array.subarray(0, count));
    for (let index = 0; index < count; index++) integers.set(index, rows.times[from + index] as bigint);
    copyValues(vector(0), integers.array.subarray(0, count));
    const sizes = new Int32Array(count);
    for (let index = 0; index < count; index++) sizes[index] = rows.sizes[from + index] as number;
    for (let index = 0; index < count; index++) integers.set(index, this.#firstSeq + from + index);
    copyValues(vector(2), integers.array.subarray(0, count));
    fillTexts(vector(3), datasets, 0, count);
    fillTexts(vector(4), rows.spans, from, to);
    copyValues(vector(5), scopes);
    copyValues(vector(6), sizes);
    if (this.#spilled === undefined) fillNulls(vector(7), count);
    else fillTexts(vector(7), this.#spilled, from, to);

    for (const [index, field] of this.#fields.entries()) {
      const target = vector(INTERNAL_TYPES.length + index);
      if (field === undefined) fillNulls(target, count);
      else if (field instanceof FieldFilling) field.fill(target, from, to);
      else fillTexts(target, field, from, to);
    }
    return chunk;
  }

  *#groups(from: number, to: number): Generator<RowGroup> {
    const { groups } = this.#rows;
    for (;;) {
      const group = groups[this.#group];
      if (group === undefined || group.from >= to) return;
      if (group.to > from) yield group;
      if (group.to > to) return;
      this.#group++;
    }
  }
}
