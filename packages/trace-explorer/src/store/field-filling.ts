import type { FieldType, FieldValue } from '../fields/field-type.ts';
import type { ColumnBuffer } from './column-buffer.ts';
import type { Vector } from './vectors.ts';
import { CHUNK_ROWS, copyValues, IntegerVector, RowMask, TextVector } from './vectors.ts';

const mask = new RowMask();
const texts = new TextVector();
/** Texts of the chunk by row, to find those that come again. */
const known = new Map<string, number>();
/** Different texts of a chunk up to which the next is looked for among them: ids are all different, methods are not. */
const MAX_KNOWN = 256;

/** One field's values on their way into the vectors of one chunk after the other. */
export class FieldFilling {
  readonly #type: FieldType;
  readonly #column: ColumnBuffer;
  /** The first of the rows' own values, and of the shared ones, that the next chunk may need. */
  #value = 0;
  #run = 0;

  constructor(type: FieldType, column: ColumnBuffer) {
    this.#type = type;
    this.#column = column;
  }

  /** Writes the values of rows from..to, which go on where the last ones ended; the vector's other rows are NULL. */
  fill(vector: Vector, from: number, to: number): void {
    mask.clear();
    if (this.#type === 'string') this.#fillTexts(vector, from, to);
    else this.#fillValues(FIXED[this.#type], vector, from, to);
    mask.apply(vector, to - from);
  }

  #fillTexts(vector: Vector, from: number, to: number): void {
    texts.start(vector);
    known.clear();
    const { rows, values } = this.#column;
    for (; this.#value < rows.length; this.#value++) {
      const row = rows[this.#value] as number;
      if (row >= to) break;
      const index = row - from;
      const text = String(values[this.#value]);
      const source = known.size < MAX_KNOWN ? known.get(text) : undefined;
      mask.add(index);
      if (source !== undefined) texts.copy(index, source);
      else {
        texts.set(index, text);
        if (known.size < MAX_KNOWN) known.set(text, index);
      }
    }
    this.#eachShared(from, to, (value, first, end) => {
      const text = String(value);
      let source: number | undefined;
      for (let index = first; index < end; index++) {
        if (mask.has(index)) continue;
        mask.add(index);
        if (source !== undefined) texts.copy(index, source);
        else {
          texts.set(index, text);
          source = index;
        }
      }
    });
    texts.end(to - from);
  }

  #fillValues({ array, write }: Fixed, vector: Vector, from: number, to: number): void {
    const { rows, values } = this.#column;
    for (; this.#value < rows.length; this.#value++) {
      const row = rows[this.#value] as number;
      if (row >= to) break;
      mask.add(row - from);
      write(row - from, values[this.#value] as FieldValue);
    }
    this.#eachShared(from, to, (value, first, end) => {
      for (let index = first; index < end; index++) {
        if (mask.has(index)) continue;
        mask.add(index);
        write(index, value);
      }
    });
    copyValues(vector, array.subarray(0, to - from));
  }

  /** The shared values of rows from..to, with their rows' places in the chunk. */
  #eachShared(from: number, to: number, use: (value: FieldValue, first: number, end: number) => void): void {
    const { runs } = this.#column;
    for (; this.#run < runs.length; this.#run++) {
      const run = runs[this.#run];
      if (run === undefined || run.from >= to) return;
      if (run.to > from) use(run.value, Math.max(run.from, from) - from, Math.min(run.to, to) - from);
      // It goes on in the next chunk.
      if (run.to > to) return;
    }
  }
}

/** Values of a fixed size: where those of a chunk are collected, and how one is written there. */
interface Fixed {
  readonly array: BigInt64Array | Float64Array | Uint8Array;
  readonly write: (index: number, value: FieldValue) => void;
}

const integers = new IntegerVector();
const floats = new Float64Array(CHUNK_ROWS);
const booleans = new Uint8Array(CHUNK_ROWS);

const FIXED: Readonly<Record<Exclude<FieldType, 'string'>, Fixed>> = {
  integer: {
    array: integers.array,
    write: (index, value) => integers.set(index, value as number | bigint),
  },
  float: {
    array: floats,
    write: (index, value) => {
      floats[index] = Number(value);
    },
  },
  boolean: {
    array: booleans,
    write: (index, value) => {
      booleans[index] = value === true ? 1 : 0;
    },
  },
};
