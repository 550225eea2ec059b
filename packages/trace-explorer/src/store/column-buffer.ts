import type { FieldType, FieldValue } from '../fields/field-type.ts';

/** Bits of `ColumnBuffer.types`: which types of value a column was given. */
export const TYPE_BIT: Readonly<Record<FieldType, number>> = { string: 1, integer: 2, float: 4, boolean: 8 };

/** A value that rows from..to share, apart from those with one of their own. */
export interface Run {
  readonly from: number;
  to: number;
  readonly value: FieldValue;
}

/** Values of one field, sparse: `values[i]` belongs to row `rows[i]`, ascending; before them come the shared ones. */
export class ColumnBuffer {
  readonly name: string;
  readonly rows: number[] = [];
  readonly values: FieldValue[] = [];
  /** What the rows of a resource and scope have, ascending and apart. */
  readonly runs: Run[] = [];
  types = 0;
  /** Datasets that wrote this field; the last one apart, as it is most often the same. */
  readonly datasets = new Set<string>();
  lastDataset: string | undefined;
  lastRow = -1;
  /** The column that was written after this one last: most rows have the same fields in the same order. */
  next: ColumnBuffer | undefined;

  constructor(name: string) {
    this.name = name;
  }
}
