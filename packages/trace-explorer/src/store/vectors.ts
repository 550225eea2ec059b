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

/** 64-bit integers on their way into a vector. */
export class IntegerVector {
  readonly array = new BigInt64Array(CHUNK_ROWS);
  /** The same memory in halves: writing two 32-bit halves spares a bigint for every safe integer. */
  readonly #halves = new Int32Array(this.array.buffer);

  /** @param value as a number, a safe integer */
  set(index: number, value: number | bigint): void {
    if (typeof value === 'bigint') this.array[index] = value;
    else {
      this.#halves[index * 2] = value;
      this.#halves[index * 2 + 1] = Math.floor(value / 4_294_967_296);
    }
  }
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

  /** Rows first..end, of which none has one yet. */
  addAll(first: number, end: number): void {
    for (let row = first; row < end; row++) {
      if ((row & 7) === 0 && row + 8 <= end) {
        this.#bits[row >> 3] = 0xff;
        row += 7;
      } else this.#bits[row >> 3] = (this.#bits[row >> 3] ?? 0) | (1 << (row & 7));
    }
    this.count += end - first;
  }

  /** The first of rows from..end that has one; `end` when there is none. */
  firstOf(from: number, end: number): number {
    if (this.count === 0) return end;
    for (let row = from; row < end; row++) if (this.has(row)) return row;
    return end;
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
 * Bytes and 32-bit words of a duckdb_string_t: a length, then a short text itself, or its first four bytes and where it is.
 * https://duckdb.org/docs/stable/clients/c/vector#strings
 */
const STRING_BYTES = 16;
const STRING_WORDS = 4;
/** Bytes of a text that stands in its duckdb_string_t itself. */
const INLINE_BYTES = 12;
/** Bytes of long texts that are handed over at once. */
const BLOCK_BYTES = 65_536;
/** UTF-16 units up to which a text is copied here: calling the runtime takes longer. */
const SHORT_TEXT = 64;

/**
 * Texts on their way into a vector. A call of the bindings for each takes as long as all the rest, so short texts are
 * written as the duckdb_string_t that they are, and long ones handed over some hundred at a time, as one text of which
 * each is a part: in one vector a text may be referred to any number of times.
 */
export class TextVector {
  readonly #cells = new Uint8Array(CHUNK_ROWS * STRING_BYTES);
  readonly #words = new Uint32Array(this.#cells.buffer);
  /** Rows first..end, and the row whose text they get. */
  readonly #copies = new Uint16Array(CHUNK_ROWS * 3);
  readonly #block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  /** Rows whose text is in the block, where their duckdb_string_t says. */
  readonly #blockRows = new Uint16Array(CHUNK_ROWS);
  #vector: Vector | undefined;
  #copyCount = 0;
  #blockBytes = 0;
  #blockRowCount = 0;

  /** @param rows how many the vector has */
  start(vector: Vector, rows: number): void {
    this.#vector = vector;
    this.#copyCount = 0;
    this.#words.fill(0, 0, rows * STRING_WORDS);
  }

  /** A text for a row that has none yet. */
  set(row: number, text: string): void {
    const { length } = text;
    if (length > SHORT_TEXT || !this.#setShort(row, text)) {
      if (length * 3 > BLOCK_BYTES) this.#setLarge(row, Buffer.from(text));
      else {
        this.#makeRoom(length * 3);
        this.#place(row, this.#block.write(text, this.#blockBytes));
      }
    }
  }

  setBytes(row: number, bytes: Uint8Array): void {
    const { byteLength } = bytes;
    if (byteLength > BLOCK_BYTES) this.#setLarge(row, bytes);
    else {
      this.#makeRoom(byteLength);
      this.#block.set(bytes, this.#blockBytes);
      this.#place(row, byteLength);
    }
  }

  /** Rows first..end get the text that row `source` was given. */
  copy(first: number, end: number, source: number): void {
    this.#copies[this.#copyCount++] = first;
    this.#copies[this.#copyCount++] = end;
    this.#copies[this.#copyCount++] = source;
  }

  /** @param rows how many the vector has */
  end(rows: number): void {
    this.#handOver();
    const words = this.#words;
    for (let index = 0; index < this.#copyCount; index += 3) {
      const end = (this.#copies[index + 1] as number) * STRING_WORDS;
      const from = (this.#copies[index + 2] as number) * STRING_WORDS;
      for (let to = (this.#copies[index] as number) * STRING_WORDS; to < end; to += STRING_WORDS) {
        words[to] = words[from] as number;
        words[to + 1] = words[from + 1] as number;
        words[to + 2] = words[from + 2] as number;
        words[to + 3] = words[from + 3] as number;
      }
    }
    copyValues(this.#vector as Vector, words.subarray(0, rows * STRING_WORDS));
  }

  /** Writes a text of ASCII alone; false for any other, of which nothing stays. */
  #setShort(row: number, text: string): boolean {
    const { length } = text;
    if (length > INLINE_BYTES) this.#makeRoom(length);
    const target = length > INLINE_BYTES ? this.#block : this.#cells;
    const start = length > INLINE_BYTES ? this.#blockBytes : row * STRING_BYTES + 4;
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) {
        this.#words.fill(0, row * STRING_WORDS, (row + 1) * STRING_WORDS);
        return false;
      }
      target[start + index] = unit;
    }
    if (length > INLINE_BYTES) this.#place(row, length);
    else this.#words[row * STRING_WORDS] = length;
    return true;
  }

  /** Room for so many bytes in the block. */
  #makeRoom(byteLength: number): void {
    if (this.#blockBytes + byteLength > BLOCK_BYTES) this.#handOver();
  }

  /** The row's text is what was written last into the block. */
  #place(row: number, byteLength: number): void {
    const start = this.#blockBytes;
    const cell = row * STRING_BYTES;
    this.#words[row * STRING_WORDS] = byteLength;
    const atHand = Math.min(byteLength, byteLength > INLINE_BYTES ? 4 : INLINE_BYTES);
    for (let index = 0; index < atHand; index++)
      this.#cells[cell + 4 + index] = this.#block[start + index] as number;
    if (byteLength <= INLINE_BYTES) return;
    this.#words[row * STRING_WORDS + 2] = start;
    this.#blockRows[this.#blockRowCount++] = row;
    this.#blockBytes += byteLength;
  }

  /** Gives the vector the block's bytes, and the rows their places in them. */
  #handOver(): void {
    if (this.#blockRowCount === 0) return;
    const [low, high] = this.#address(this.#block.subarray(0, this.#blockBytes));
    const words = this.#words;
    for (let index = 0; index < this.#blockRowCount; index++) {
      const at = (this.#blockRows[index] as number) * STRING_WORDS + 2;
      const place = low + (words[at] as number);
      words[at] = place;
      words[at + 1] = high + (place > 0xffff_ffff ? 1 : 0);
    }
    this.#blockBytes = 0;
    this.#blockRowCount = 0;
  }

  /** A text of its own, too large for the block. */
  #setLarge(row: number, bytes: Uint8Array): void {
    const [low, high] = this.#address(bytes);
    this.#words[row * STRING_WORDS] = bytes.byteLength;
    this.#cells.set(bytes.subarray(0, 4), row * STRING_BYTES + 4);
    this.#words[row * STRING_WORDS + 2] = low;
    this.#words[row * STRING_WORDS + 3] = high;
  }

  /** Where the vector has its copy of these bytes, in two halves: as the text of its first row, until `end` writes that one. */
  #address(bytes: Uint8Array): readonly [low: number, high: number] {
    const vector = this.#vector as Vector;
    duckdb.vector_assign_string_element_len(vector, 0, bytes);
    const { buffer, byteOffset } = duckdb.vector_get_data(vector, STRING_BYTES);
    const words = new Uint32Array(buffer, byteOffset, STRING_WORDS);
    return [words[2] as number, words[3] as number];
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
  texts.start(vector, to - from);
  let last: string | undefined;
  let source = 0;
  for (let row = from; row < to; row++) {
    const value = values[row];
    if (value === undefined) continue;
    const index = row - from;
    mask.add(index);
    if (typeof value !== 'string') texts.setBytes(index, value);
    else if (value === last) texts.copy(index, index + 1, source);
    else {
      texts.set(index, value);
      last = value;
      source = index;
    }
  }
  texts.end(to - from);
  mask.apply(vector, to - from);
}
