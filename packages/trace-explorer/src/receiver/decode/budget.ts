/** What the rows of one request may make the store hold and do. Real bodies of 20 MiB stay below all of it; see docs/reference/limits.md. */
export interface RowLimits {
  /** Bytes of an item's message, with those of its resource and scope. */
  readonly maxItemBytes: number;
  /** Bytes of one item's rows: each event and link of a span is a row, with fields of its resource and scope. */
  readonly maxItemRowBytes: number;
  /** Bytes that a row has of its resource and scope at most: what is more is no field, and costs nothing per row. */
  readonly maxSharedRowBytes: number;
  /** Values of all rows of a request, without those of resources and scopes: they are shared. */
  readonly maxRowValues: number;
  /** Bytes of all rows of a request. */
  readonly maxRowBytes: number;
  /** Milliseconds of decoding, in all. */
  readonly maxMilliseconds: number;
}

export const ROW_LIMITS: RowLimits = Object.freeze({
  maxItemBytes: 4 * 1024 * 1024,
  maxItemRowBytes: 64 * 1024 * 1024,
  maxSharedRowBytes: 16 * 1024,
  maxRowValues: 16_777_216,
  maxRowBytes: 4 * 1024 * 1024 * 1024,
  maxMilliseconds: 30_000,
});

/** A part ends with whichever of these comes first: a hundredth of a second of decoding, some 30 MB of memory. */
const PART_ITEMS = 2_048;
const PART_VALUES = 131_072;
const PART_BYTES = 16 * 1024 * 1024;

/** Items and bytes of them that are read between two pauses: a few milliseconds. */
const SLICE_ITEMS = 256;
const SLICE_BYTES = 1024 * 1024;

/** What something takes in rows. */
export interface Size {
  readonly values: number;
  readonly bytes: number;
  /** Of the message itself, with its resource and scope. */
  readonly messageBytes: number;
}

/** What of a request's limits is used up, and how full its current part is. */
export class Budget {
  readonly #limits: RowLimits;
  #values = 0;
  #bytes = 0;
  #milliseconds = 0;
  readonly #item: string;
  #part = { items: 0, values: 0, bytes: 0 };
  /** The same of what was read since the last pause. */
  #slice = { items: 0, bytes: 0 };
  #since = performance.now();

  constructor(limits: RowLimits, item: string) {
    this.#limits = limits;
    this.#item = item;
  }

  /** Counts an item's rows; says why it has to be left out. */
  refuses({ values, bytes, messageBytes }: Size): string | undefined {
    const { maxItemBytes, maxItemRowBytes, maxRowValues, maxRowBytes, maxMilliseconds } = this.#limits;
    if (messageBytes > maxItemBytes)
      return `the ${this.#item} has, with its resource, more than ${maxItemBytes / 1024 ** 2} MiB`;
    if (bytes > maxItemRowBytes) return tooLarge(`the ${this.#item}`, maxItemRowBytes, 'bytes');
    if (this.#values + values > maxRowValues) return tooLarge('the request', maxRowValues, 'values');
    if (this.#bytes + bytes > maxRowBytes) return tooLarge('the request', maxRowBytes, 'bytes');
    if (this.#milliseconds > maxMilliseconds)
      return `decoding the request took longer than ${maxMilliseconds.toLocaleString('en')} ms`;
    this.#values += values;
    this.#bytes += bytes;
    this.#part.values += values;
    this.#part.bytes += bytes;
    this.#slice.bytes += bytes;
    return undefined;
  }

  /** To be asked once after each item, good or bad. */
  isPartFull(): boolean {
    const { items, values, bytes } = this.#part;
    this.#part.items++;
    return items + 1 >= PART_ITEMS || values >= PART_VALUES || bytes >= PART_BYTES;
  }

  /** Whether others should have their turn; to be asked once after each item. */
  isSliceFull(): boolean {
    this.#slice.items++;
    return this.#slice.items >= SLICE_ITEMS || this.#slice.bytes >= SLICE_BYTES;
  }

  /** The time until `startClock` belongs to others. */
  stopClock(): void {
    this.#milliseconds += performance.now() - this.#since;
  }

  startClock(): void {
    this.#slice = { items: 0, bytes: 0 };
    this.#since = performance.now();
  }

  startPart(): void {
    this.#part = { items: 0, values: 0, bytes: 0 };
    this.startClock();
  }
}

function tooLarge(what: string, limit: number, unit: string): string {
  return `the rows of ${what}, which all have the fields of their resource, hold more than ${limit.toLocaleString('en')} ${unit}`;
}
