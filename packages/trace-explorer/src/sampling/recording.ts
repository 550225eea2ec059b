import type { FieldType } from '../fields/field-type.ts';

/** What a row is. Honeycomb counts each as one event. */
export const SPAN = 0;
export const EVENT = 1;
export const LINK = 2;

export type Value = string | number | boolean | bigint;

/** One field of all rows. Equal values are kept once. */
export interface Column {
  readonly type: FieldType;
  /** The value of each row by its place in `values`; -1 without a value. */
  readonly codes: Int32Array;
  readonly values: Value[];
}

/** The rows of a recording, by number. Times are nanoseconds since the recording's begin. */
export interface Rows {
  readonly trace: Int32Array;
  readonly kind: Uint8Array;
  readonly start: Float64Array;
  /** When the row reached a sampler: a span at its end, its events and links with it. */
  readonly arrival: Float64Array;
  /** 1 for a span without a parent. */
  readonly root: Uint8Array;
  readonly failed: Uint8Array;
  /** How many spans the row stands for already. */
  readonly weight: Float64Array;
  /** Bytes of a span's message; 0 for events and links. */
  readonly bytes: Float64Array;
  /** Bytes of the span in a ResourceSpans message of its own. 0 when no rule asks for sizes. */
  readonly size: Float64Array;
  /** The span's flags. 0 when no rule asks for flags. */
  readonly flags: Uint32Array;
}

/** Traffic that rules are tried on: each row of Honeycomb's form, with the fields that somebody asks for, by trace. */
export class Recording {
  readonly rows: Rows;
  /** Nanoseconds since the epoch. */
  readonly begin: bigint;
  readonly traceIds: readonly string[];
  readonly columns: ReadonlyMap<string, Column>;
  readonly #order: Int32Array;
  readonly #from: Int32Array;

  constructor({
    rows,
    begin,
    traceIds,
    columns,
  }: Pick<Recording, 'rows' | 'begin' | 'traceIds' | 'columns'>) {
    this.rows = rows;
    this.begin = begin;
    this.traceIds = traceIds;
    this.columns = columns;
    [this.#order, this.#from] = byTrace(rows, traceIds.length);
  }

  /** The rows of a trace as they came, a span before its events and links. */
  rowsOf(trace: number): Int32Array {
    return this.#order.subarray(this.#from[trace], this.#from[trace + 1]);
  }

  /** Reads a field of a row. */
  reader(field: string): (row: number) => Value | undefined {
    const column = this.columns.get(field);
    if (column === undefined) return () => undefined;
    const { codes, values } = column;
    return (row) => values[codes[row] ?? -1];
  }

  /** The traces in the order of a time of each. */
  inOrder(timeOf: (trace: number) => number): Int32Array {
    const times = Float64Array.from(this.traceIds, (_, trace) => timeOf(trace));
    return Int32Array.from(this.traceIds, (_, trace) => trace).sort(
      (a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b,
    );
  }
}

function byTrace({ trace, arrival }: Rows, count: number): [order: Int32Array, from: Int32Array] {
  const from = new Int32Array(count + 1);
  for (const each of trace) from[each + 1] = (from[each + 1] ?? 0) + 1;
  for (let at = 0; at < count; at++) from[at + 1] = (from[at + 1] ?? 0) + (from[at] ?? 0);
  const next = from.slice();
  const order = new Int32Array(trace.length);
  for (const [row, each] of trace.entries()) {
    const at = next[each] ?? 0;
    order[at] = row;
    next[each] = at + 1;
  }
  for (let at = 0; at < count; at++)
    order.subarray(from[at], from[at + 1]).sort((a, b) => (arrival[a] ?? 0) - (arrival[b] ?? 0) || a - b);
  return [order, from];
}
