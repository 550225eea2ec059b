import type { FieldType, FieldValue } from '../../fields/field-type.ts';

/** Bits for the types of the values of a column. */
export const TYPE_BIT: Readonly<Record<FieldType, number>> = { string: 1, integer: 2, float: 4, boolean: 8 };

/** The types of a mask of TYPE_BITs. */
export function typesOf(types: number): readonly FieldType[] {
  return (Object.keys(TYPE_BIT) as FieldType[]).filter((type) => (types & TYPE_BIT[type]) !== 0);
}

/**
 * Values of one field. Most rows have the value of the row before, so only changes are kept: from row `rows[i]` on the value
 * is `values[i]`, undefined for none. The last value ends before row `end`.
 */
export class ColumnBuffer {
  readonly name: string;
  readonly rows: number[] = [];
  readonly values: (FieldValue | undefined)[] = [];
  end = 0;
  /** The value of rows without a value of their own. */
  #shared: FieldValue | undefined;
  /** Datasets that wrote this field, and the types that each of them wrote. */
  readonly datasets = new Map<string, number>();
  lastDataset: string | undefined;
  #lastTypes = 0;
  /** The column that was written after this one last: most rows have the same fields in the same order. */
  next: ColumnBuffer | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** The types of all its values. */
  get types(): number {
    let types = 0;
    for (const each of this.datasets.values()) types |= each;
    return types;
  }

  /** Gives a row its value: a row after all others, or the last one again, whose value it replaces. */
  set(row: number, value: FieldValue): void {
    if (row > this.end) this.fillTo(row);
    else if (row < this.end) this.#takeBack(row);
    this.#add(row, value);
    this.end = row + 1;
  }

  /** Sets the value of rows from `row` on that are given no value of their own. */
  share(row: number, value: FieldValue | undefined): void {
    this.fillTo(row);
    this.#shared = value;
  }

  /** Gives the rows before `row` the shared value. */
  fillTo(row: number): void {
    if (row <= this.end) return;
    if (this.#shared !== undefined || this.rows.length > 0) this.#add(this.end, this.#shared);
    this.end = row;
  }

  /** Notes that a dataset gives it a value of a type. */
  note(dataset: string, type: number): void {
    if (this.lastDataset === dataset && (this.#lastTypes & type) !== 0) return;
    this.lastDataset = dataset;
    this.#lastTypes = (this.datasets.get(dataset) ?? 0) | type;
    this.datasets.set(dataset, this.#lastTypes);
  }

  #add(row: number, value: FieldValue | undefined): void {
    const { rows, values } = this;
    if (rows.length > 0 && Object.is(values[rows.length - 1], value)) return;
    rows.push(row);
    values.push(value);
  }

  #takeBack(row: number): void {
    const { rows, values } = this;
    this.end = row;
    if (rows[rows.length - 1] !== row) return;
    rows.pop();
    values.pop();
  }
}

/** Gives rows first..end a value. */
export type Write = (value: FieldValue, first: number, end: number) => void;

/** Writes a buffer's values from its change `first` up to row `to`. @returns the change to go on with */
export function eachRun(
  { rows, values, end: endOfAll }: ColumnBuffer,
  write: Write,
  first = 0,
  to = Number.POSITIVE_INFINITY,
): number {
  for (let index = first; index < rows.length; index++) {
    const start = rows[index] as number;
    if (start >= to) return index;
    const end = index + 1 < rows.length ? (rows[index + 1] as number) : endOfAll;
    const value = values[index];
    if (value !== undefined) write(value, start, end);
    if (end > to) return index;
  }
  return rows.length;
}
