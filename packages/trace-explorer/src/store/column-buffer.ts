import type { FieldType, FieldValue } from '../fields/field-type.ts';

/** Bits of `ColumnBuffer.types`: which types of value a column was given. */
export const TYPE_BIT: Readonly<Record<FieldType, number>> = { string: 1, integer: 2, float: 4, boolean: 8 };

/** A value that rows from..to share, apart from those with one of their own. */
export interface Run {
  readonly from: number;
  to: number;
  readonly value: FieldValue;
}

/**
 * Values of one field, sparse. Rows mostly have the value of the row before, so only changes are kept: from row `rows[i]`
 * on it is `values[i]`, undefined where rows have none of their own; the last one ends before row `end`.
 */
export class ColumnBuffer {
  readonly name: string;
  readonly rows: number[] = [];
  readonly values: (FieldValue | undefined)[] = [];
  end = 0;
  #last: FieldValue | undefined;
  /** What the rows of a resource and scope have where they have none of their own, ascending and apart. */
  readonly runs: Run[] = [];
  types = 0;
  /** Datasets that wrote this field; the last one apart, as it is most often the same. */
  readonly datasets = new Set<string>();
  lastDataset: string | undefined;
  /** What the last row's value was made of, if it may be used again, and the bytes of its text. */
  source: object | undefined;
  sourceBytes = 0;
  /** The column that was written after this one last: most rows have the same fields in the same order. */
  next: ColumnBuffer | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Gives a row its value: a row after all others, or the last one again, whose value it replaces. */
  set(row: number, value: FieldValue): void {
    const { rows, values, end } = this;
    if (row === end && Object.is(value, this.#last)) {
      this.end++;
      return;
    }
    this.#last = value;
    if (row < end && rows.at(-1) === row) {
      values[values.length - 1] = value;
      return;
    }
    if (row > end && rows.length > 0) {
      rows.push(end);
      values.push(undefined);
    }
    rows.push(row);
    values.push(value);
    this.end = row + 1;
  }
}
