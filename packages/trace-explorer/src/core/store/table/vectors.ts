import duckdb from '@duckdb/node-bindings';
import type { FieldType, FieldValue } from '../../fields/field-type.ts';

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

/** DuckDB's validity mask: a bit for each row of a chunk that has a value. */
class RowMask {
  readonly #bits = new Uint8Array(CHUNK_ROWS / 8);
  /** Rows that have a value. */
  count = 0;

  clear(): void {
    this.#bits.fill(0);
    this.count = 0;
  }

  /** Adds rows first..end. Only once per row. */
  add(first: number, end: number): void {
    for (let row = first; row < end; row++)
      this.#bits[row >> 3] = (this.#bits[row >> 3] ?? 0) | (1 << (row & 7));
    this.count += end - first;
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

/**
 * Bytes and 32-bit words of a duckdb_string_t (https://duckdb.org/docs/stable/clients/c/vector#strings):
 *
 *     word           0          1          2          3
 *     short text     length     the text, at most 12 bytes
 *     long text      length     4 bytes    pointer to all of its bytes
 *
 * Nothing outside of this class sees a pointer.
 */
const STRING_BYTES = 16;
const STRING_WORDS = 4;
/** Bytes of a short text. */
const INLINE_BYTES = 12;
/** Bytes of the buffer that is kept. A larger buffer is given back. */
const KEPT_BYTES = 1024 * 1024;

/**
 * Writes texts into a vector. A call of the bindings for each text would double the time. So DuckDB gets one buffer,
 * and each text points into it.
 */
class StringVector {
  readonly #cells = new Uint8Array(CHUNK_ROWS * STRING_BYTES);
  readonly #words = new Uint32Array(this.#cells.buffer);
  /** The long texts, one after the other, and the rows that have them. */
  #long = Buffer.allocUnsafeSlow(KEPT_BYTES);
  readonly #longRows = new Uint16Array(CHUNK_ROWS);
  #longBytes = 0;
  #longCount = 0;

  /** @param rows number of rows in the vector */
  start(rows: number): void {
    this.#longBytes = 0;
    this.#longCount = 0;
    this.#words.fill(0, 0, rows * STRING_WORDS);
  }

  /** Gives rows first..end a text, which is written once. Only once per row. */
  set(text: string | Uint8Array, first: number, end: number): void {
    const isText = typeof text === 'string';
    this.#makeRoom(isText ? text.length * 3 : text.byteLength);
    const start = this.#longBytes;
    if (!isText) this.#long.set(text, start);
    const byteLength = isText ? this.#long.write(text, start) : text.byteLength;
    const isLong = byteLength > INLINE_BYTES;
    const cell = first * STRING_BYTES + 4;
    const atHand = isLong ? 4 : byteLength;
    for (let index = 0; index < atHand; index++)
      this.#cells[cell + index] = this.#long[start + index] as number;
    const words = this.#words;
    const from = first * STRING_WORDS;
    words[from] = byteLength;
    if (isLong) words[from + 2] = start;
    if (isLong) this.#longBytes += byteLength;
    for (let row = first; row < end; row++) {
      if (isLong) this.#longRows[this.#longCount++] = row;
      const to = row * STRING_WORDS;
      for (let word = 0; word < STRING_WORDS; word++) words[to + word] = words[from + word] as number;
    }
  }

  /** Gives the vector its texts. @param rows number of rows in the vector */
  end(vector: Vector, rows: number): void {
    const words = this.#words;
    if (this.#longCount > 0) {
      // The buffer becomes the first row's text. The real text is written below.
      duckdb.vector_assign_string_element_len(vector, 0, this.#long.subarray(0, this.#longBytes));
      const { buffer, byteOffset } = duckdb.vector_get_data(vector, STRING_BYTES);
      const [, , low = 0, high = 0] = new Uint32Array(buffer, byteOffset, STRING_WORDS);
      for (let index = 0; index < this.#longCount; index++) {
        const at = (this.#longRows[index] as number) * STRING_WORDS + 2;
        const address = low + (words[at] as number);
        words[at] = address;
        words[at + 1] = high + (address > 0xffff_ffff ? 1 : 0);
      }
    }
    copyValues(vector, words.subarray(0, rows * STRING_WORDS));
    if (this.#long.byteLength > KEPT_BYTES) this.#long = Buffer.allocUnsafeSlow(KEPT_BYTES);
  }

  /** Makes room for `byteLength` bytes among the long texts. */
  #makeRoom(byteLength: number): void {
    const needed = this.#longBytes + byteLength;
    if (needed <= this.#long.byteLength) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#long.byteLength * 2));
    this.#long.copy(larger, 0, 0, this.#longBytes);
    this.#long = larger;
  }
}

/** Gives rows first..end a value. A text may be given as its bytes. */
type Write = (value: FieldValue | Uint8Array, first: number, end: number) => void;

/** Fills one vector after the other. One filler reuses its arrays for all vectors. */
export class VectorFiller {
  readonly #mask = new RowMask();
  readonly #texts = new StringVector();
  readonly #arrays = {
    integer: new BigInt64Array(CHUNK_ROWS),
    float: new Float64Array(CHUNK_ROWS),
    boolean: new Uint8Array(CHUNK_ROWS),
  };
  /** How rows first..end get a value of each type. */
  readonly #writes: Readonly<Record<FieldType, Write>> = {
    string: (value, first, end) =>
      this.#texts.set(typeof value === 'object' ? value : String(value), first, end),
    integer: (value, first, end) => this.#arrays.integer.fill(BigInt(value as number | bigint), first, end),
    float: (value, first, end) => this.#arrays.float.fill(Number(value), first, end),
    boolean: (value, first, end) => this.#arrays.boolean.fill(value === true ? 1 : 0, first, end),
  };

  /**
   * Fills a vector with values of one type. Rows without a value become NULL.
   * @param rows number of rows in the vector
   * @param give calls its argument with each value and the rows first..end that have the value
   */
  fill(vector: Vector, type: FieldType, rows: number, give: (write: Write) => void): void {
    const write = this.#writes[type];
    this.#mask.clear();
    if (type === 'string') this.#texts.start(rows);
    give((value, first, end) => {
      this.#mask.add(first, end);
      write(value, first, end);
    });
    if (type === 'string') this.#texts.end(vector, rows);
    else copyValues(vector, this.#arrays[type].subarray(0, rows));
    this.#mask.apply(vector, rows);
  }
}
