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
    texts.start(vector, to - from);
    known.clear();
    this.#eachOwn(from, to, writeKnownText);
    this.#eachShared(from, to, writeText);
    texts.end(to - from);
  }

  #fillValues({ array, write }: Fixed, vector: Vector, from: number, to: number): void {
    this.#eachOwn(from, to, write);
    this.#eachShared(from, to, write);
    copyValues(vector, array.subarray(0, to - from));
  }

  /** The own values of rows from..to. */
  #eachOwn(from: number, to: number, write: Write): void {
    const { rows, values, end: endOfAll } = this.#column;
    for (; this.#value < rows.length; this.#value++) {
      const start = rows[this.#value] as number;
      if (start >= to) return;
      const next = this.#value + 1;
      const end = next < rows.length ? (rows[next] as number) : endOfAll;
      const value = values[this.#value];
      if (value !== undefined && end > from) {
        const first = Math.max(start, from) - from;
        const last = Math.min(end, to) - from;
        mask.addAll(first, last);
        write(value, first, last);
      }
      // It goes on in the next chunk.
      if (end > to) return;
    }
  }

  /** The shared values of rows from..to that have none of their own. */
  #eachShared(from: number, to: number, write: Write): void {
    const { runs } = this.#column;
    for (; this.#run < runs.length; this.#run++) {
      const run = runs[this.#run];
      if (run === undefined || run.from >= to) return;
      const end = Math.min(run.to, to) - from;
      for (let first = Math.max(run.from, from) - from; first < end; ) {
        const last = mask.firstOf(first, end);
        if (last > first) {
          mask.addAll(first, last);
          write(run.value, first, last);
        }
        first = last + 1;
      }
      // It goes on in the next chunk.
      if (run.to > to) return;
    }
  }
}

/** Gives rows first..end of a chunk a value. */
type Write = (value: FieldValue, first: number, end: number) => void;

function writeText(value: FieldValue, first: number, end: number): void {
  texts.set(first, String(value));
  if (end > first + 1) texts.copy(first + 1, end, first);
}

/** The same for a text that the chunk may have already. */
function writeKnownText(value: FieldValue, first: number, end: number): void {
  const text = String(value);
  const source = known.size < MAX_KNOWN ? known.get(text) : undefined;
  if (source !== undefined) texts.copy(first, end, source);
  else {
    writeText(text, first, end);
    if (known.size < MAX_KNOWN) known.set(text, first);
  }
}

/** Values of a fixed size: where those of a chunk are collected, and how they are written there. */
interface Fixed {
  readonly array: BigInt64Array | Float64Array | Uint8Array;
  readonly write: Write;
}

const integers = new IntegerVector();
const floats = new Float64Array(CHUNK_ROWS);
const booleans = new Uint8Array(CHUNK_ROWS);

const FIXED: Readonly<Record<Exclude<FieldType, 'string'>, Fixed>> = {
  integer: {
    array: integers.array,
    write: (value, first, end) => {
      for (let index = first; index < end; index++) integers.set(index, value as number | bigint);
    },
  },
  float: {
    array: floats,
    write: (value, first, end) => {
      const float = Number(value);
      for (let index = first; index < end; index++) floats[index] = float;
    },
  },
  boolean: {
    array: booleans,
    write: (value, first, end) => {
      booleans.fill(value === true ? 1 : 0, first, end);
    },
  },
};
