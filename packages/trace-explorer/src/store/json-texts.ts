import type { FieldValue } from '../fields/field-type.ts';
import type { ColumnBuffer } from './column-buffer.ts';
import type { CatalogueField } from './field-catalogue.ts';
import { jsonKey, SPILL_COLUMN } from './field-catalogue.ts';
import type { RowBuffer } from './row-buffer.ts';

/** The JSON object of each row, in one column; undefined where a row has none. */
export type JsonTexts = readonly (string | undefined)[];

/**
 * Bytes of a row's objects, roughly: what goes beyond stands in the span alone. See RowBuffer for why a row has a limit.
 * Half of it is for what comes from resource and scope.
 */
const MAX_SPILLED_BYTES = 64 * 1024;
/** The same of all columns that fields share: room for each of their fields, with names of 40 characters. */
const MAX_SHARED_BYTES = 192 * 1024;

/** What rows have of fields without a column of their own, by the columns that hold their JSON objects. */
export function jsonTexts(
  rows: RowBuffer,
  fields: ReadonlyMap<string, CatalogueField>,
): ReadonlyMap<string, JsonTexts> {
  const buffers = [...rows.columns.values()].filter(({ name }) => fields.get(name)?.isInJson !== false);
  if (buffers.length === 0) return new Map();
  const spilled = new RowBudgets(MAX_SPILLED_BYTES, rows.rowCount);
  const shared = new RowBudgets(MAX_SHARED_BYTES, rows.rowCount);
  const columns = Map.groupBy(buffers, ({ name }) => fields.get(name)?.column ?? SPILL_COLUMN);
  return new Map(
    [...columns].map(([column, own]) => [
      column,
      textsOf(rows, own, column === SPILL_COLUMN ? spilled : shared),
    ]),
  );
}

/** What is left of the bytes of rows, and of those that the rows of a group share. */
class RowBudgets {
  readonly ofRows: Uint32Array;
  readonly ofGroups = new Map<number, number>();
  readonly #half: number;

  constructor(bytes: number, rows: number) {
    this.#half = bytes / 2;
    this.ofRows = new Uint32Array(rows).fill(this.#half);
  }

  /** False when there is no room for an entry in the row. */
  spend(row: number, entry: string): boolean {
    const left = (this.ofRows[row] as number) - entry.length;
    if (left < 0) return false;
    this.ofRows[row] = left;
    return true;
  }

  /** The same for one that all rows of a group have. */
  spendShared(from: number, entry: string): boolean {
    const left = (this.ofGroups.get(from) ?? this.#half) - entry.length;
    if (left < 0) return false;
    this.ofGroups.set(from, left);
    return true;
  }
}

function textsOf(rows: RowBuffer, buffers: readonly ColumnBuffer[], budgets: RowBudgets): JsonTexts {
  /** Entries of objects, by the first row of a group that shares them, and by row. */
  const common = new Map<number, string>();
  const texts: (string | undefined)[] = new Array(rows.rowCount).fill(undefined);
  for (const { name, values, rows: starts, end, runs } of buffers) {
    const key = jsonKey(name);
    if (values.length === 0) {
      for (const { from, value } of runs) {
        const entry = key + jsonValue(value);
        if (budgets.spendShared(from, entry)) common.set(from, joined(common.get(from), entry));
      }
      continue;
    }
    const write = (value: FieldValue, from: number, to: number) => {
      const entry = key + jsonValue(value);
      for (let row = from; row < to; row++)
        if (budgets.spend(row, entry)) texts[row] = joined(texts[row], entry);
    };
    // Between two own values, and around them, are those of resource and scope.
    const shared = eachShared(runs, write);
    let next = 0;
    for (const [index, value] of values.entries()) {
      const from = starts[index] as number;
      const to = starts[index + 1] ?? end;
      if (value === undefined) continue;
      shared(next, from);
      write(value, from, to);
      next = to;
    }
    shared(next, rows.rowCount);
  }
  for (const { from, to } of rows.groups) {
    const entries = common.get(from);
    const alone = entries === undefined ? undefined : `{${entries}}`;
    for (let row = from; row < to; row++) {
      const own = texts[row];
      const text = own === undefined ? alone : entries === undefined ? `{${own}}` : `{${own},${entries}}`;
      if (text === undefined) continue;
      texts[row] = text;
      // Of names a transaction's memory has to know as well. Counted twice after a failure, which makes it smaller, no more.
      rows.weights[row] = (rows.weights[row] ?? 0) + text.length;
    }
  }
  return texts;
}

/** Writes the parts of runs that lie in rows from..to, which go on after the last ones. */
function eachShared(
  runs: ColumnBuffer['runs'],
  write: (value: FieldValue, from: number, to: number) => void,
): (from: number, to: number) => void {
  let next = 0;
  return (from, to) => {
    for (; next < runs.length; next++) {
      const run = runs[next];
      if (run === undefined || run.from >= to) return;
      const first = Math.max(run.from, from);
      if (first < Math.min(run.to, to)) write(run.value, first, Math.min(run.to, to));
      if (run.to > to) return;
    }
  };
}

function joined(entries: string | undefined, entry: string): string {
  return entries === undefined ? entry : `${entries},${entry}`;
}

/** JSON has neither 64-bit integers nor NaN: both are text, which the field's SQL casts back. */
function jsonValue(value: FieldValue): string {
  if (typeof value === 'number' ? Number.isFinite(value) : typeof value === 'boolean') return String(value);
  return JSON.stringify(String(value));
}
