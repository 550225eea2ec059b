import type { CatalogueField } from './field-catalogue.ts';
import type { RowBuffer } from './row-buffer.ts';

/** Bytes of a row's object, roughly: what goes beyond stands in the span alone. See RowBuffer for why a row has a limit. */
const MAX_OBJECT_BYTES = 64 * 1024;
/** Of an entry without its name and text: quotes, colon, comma, a number. */
const ENTRY_BYTES = 24;

/** The JSON objects of rows with fields that have no column of their own; undefined when there are none. */
export function spillRows(
  rows: RowBuffer,
  columns: readonly CatalogueField[],
): readonly (string | undefined)[] | undefined {
  const typed = new Set(columns.map(({ name }) => name));
  let objects: (Record<string, unknown> | undefined)[] | undefined;
  const sizes = new Map<number, number>();
  for (const column of rows.columns.values()) {
    if (typed.has(column.name)) continue;
    objects ??= new Array(rows.rowCount).fill(undefined);
    for (const [index, row] of column.rows.entries()) {
      const value = column.values[index];
      const text = typeof value === 'string' ? value.length : 0;
      const size = (sizes.get(row) ?? 0) + ENTRY_BYTES + column.name.length + text;
      if (size > MAX_OBJECT_BYTES) continue;
      sizes.set(row, size);
      // Without a prototype, so that the field `__proto__` is one like any other.
      let object = objects[row];
      if (object === undefined) {
        object = Object.create(null) as Record<string, unknown>;
        objects[row] = object;
      }
      // JSON has neither 64-bit integers nor NaN: both are text, which the field's SQL casts back.
      object[column.name] = typeof value === 'bigint' || !isJsonNumber(value) ? String(value) : value;
    }
  }
  return objects?.map((object) => (object === undefined ? undefined : JSON.stringify(object)));
}

function isJsonNumber(value: unknown): boolean {
  return typeof value !== 'number' || Number.isFinite(value);
}
