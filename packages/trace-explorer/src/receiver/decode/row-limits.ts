/** What the rows of one request may make the store hold and do. Real bodies of 20 MiB stay below all of it; see docs/explorer.md. */
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
