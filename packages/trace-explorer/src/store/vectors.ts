import duckdb from '@duckdb/node-bindings';

/** DuckDB's vector size: rows of one data chunk. */
export const CHUNK_ROWS = 2048;

/** One column of a data chunk. Writing goes through the bindings: the API's wrappers took three times as long. */
export type Vector = ReturnType<typeof duckdb.data_chunk_get_vector>;

/** Writes the values of the vector's first rows. */
export function copyValues(
  vector: Vector,
  values: BigInt64Array | Int32Array | Float64Array | Uint8Array | Uint32Array,
): void {
  duckdb.copy_data_to_vector(vector, 0, values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
}

/** Which rows of a chunk have a value, as DuckDB's validity mask has it: in 64-bit words, 256 bytes for a chunk. */
export class RowMask {
  readonly #bits = new Uint8Array(CHUNK_ROWS / 8);
  /** Rows that have one. */
  count = 0;

  clear(): void {
    this.#bits.fill(0);
    this.count = 0;
  }

  has(row: number): boolean {
    return ((this.#bits[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
  }

  /** A row that does not have one yet. */
  add(row: number): void {
    this.#bits[row >> 3] = (this.#bits[row >> 3] ?? 0) | (1 << (row & 7));
    this.count++;
  }

  /** Makes the other rows of the vector's first `rows` NULL. */
  apply(vector: Vector, rows: number): void {
    if (this.count === rows) return;
    const { buffer, byteOffset } = this.#bits;
    duckdb.vector_ensure_validity_writable(vector);
    duckdb.copy_data_to_vector_validity(vector, 0, buffer, byteOffset, Math.ceil(rows / 64) * 8);
  }
}

const NO_ROWS = new RowMask();

/** Makes the first rows of a vector NULL. */
export function fillNulls(vector: Vector, rows: number): void {
  NO_ROWS.apply(vector, rows);
}

/** Bytes and 32-bit words of a duckdb_string_t: a length, then a short text itself, or its start and where it is. */
const STRING_BYTES = 16;
const STRING_WORDS = 4;

/**
 * Texts on their way into a vector. Rows that have the text of another get a copy of that one's duckdb_string_t (in one
 * vector the text itself may be referred to any number of times): a call of the bindings for each takes ten times as long.
 */
export class TextVector {
  readonly #copies = new Uint16Array(CHUNK_ROWS * 2);
  #vector: Vector | undefined;
  #copyCount = 0;

  start(vector: Vector): void {
    this.#vector = vector;
    this.#copyCount = 0;
  }

  set(row: number, text: string): void {
    duckdb.vector_assign_string_element(this.#vector as Vector, row, text);
  }

  setBytes(row: number, bytes: Uint8Array): void {
    duckdb.vector_assign_string_element_len(this.#vector as Vector, row, bytes);
  }

  /** The row gets the text that row `source` was given. */
  copy(row: number, source: number): void {
    this.#copies[this.#copyCount++] = row;
    this.#copies[this.#copyCount++] = source;
  }

  /** @param rows how many the vector has */
  end(rows: number): void {
    if (this.#copyCount === 0) return;
    const vector = this.#vector as Vector;
    const bytes = duckdb.vector_get_data(vector, rows * STRING_BYTES);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, rows * STRING_WORDS);
    for (let index = 0; index < this.#copyCount; index += 2) {
      const to = (this.#copies[index] as number) * STRING_WORDS;
      const from = (this.#copies[index + 1] as number) * STRING_WORDS;
      words[to] = words[from] as number;
      words[to + 1] = words[from + 1] as number;
      words[to + 2] = words[from + 2] as number;
      words[to + 3] = words[from + 3] as number;
    }
    copyValues(vector, words);
  }
}

const mask = new RowMask();
const texts = new TextVector();

/** Writes texts, or bytes, of rows from..to; one that is the same as the one before it is written once. */
export function fillTexts(
  vector: Vector,
  values: readonly (string | Uint8Array | undefined)[],
  from: number,
  to: number,
): void {
  mask.clear();
  texts.start(vector);
  let last: string | undefined;
  let source = 0;
  for (let row = from; row < to; row++) {
    const value = values[row];
    if (value === undefined) continue;
    const index = row - from;
    mask.add(index);
    if (typeof value !== 'string') texts.setBytes(index, value);
    else if (value === last) texts.copy(index, source);
    else {
      texts.set(index, value);
      last = value;
      source = index;
    }
  }
  texts.end(to - from);
  mask.apply(vector, to - from);
}
