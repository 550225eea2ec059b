import type { FieldValue } from '../fields/field-type.ts';
import type { CatalogueField } from './field-catalogue.ts';
import type { RowBuffer, RowGroup } from './row-buffer.ts';

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
  const spilled = [...rows.columns.values()].filter(({ name }) => !typed.has(name));
  if (spilled.length === 0) return undefined;
  const shared = new Map<number, RowObject>();
  const own = new Map<number, RowObject>();
  for (const { name, runs } of spilled) {
    for (const { from, value } of runs) objectOf(shared, from).set(name, value);
  }
  const texts: (string | undefined)[] = new Array(rows.rowCount).fill(undefined);
  for (const { from, to } of rows.groups) {
    const text = shared.get(from)?.toJson();
    if (text !== undefined) texts.fill(text, from, to);
  }
  for (const column of spilled) {
    let group: RowGroup | undefined;
    let next = 0;
    for (const [index, value] of column.values.entries()) {
      if (value === undefined) continue;
      const end = column.rows[index + 1] ?? column.end;
      for (let row = column.rows[index] as number; row < end; row++) {
        while (group === undefined || group.to <= row) group = rows.groups[next++];
        let object = own.get(row);
        if (object === undefined) {
          object = new RowObject(shared.get(group.from));
          own.set(row, object);
        }
        object.set(column.name, value);
      }
    }
  }
  for (const [row, object] of own) texts[row] = object.toJson();
  return texts;
}

function objectOf(objects: Map<number, RowObject>, key: number): RowObject {
  let object = objects.get(key);
  if (object === undefined) {
    object = new RowObject();
    objects.set(key, object);
  }
  return object;
}

/** The fields of a row that have no column, on their way into JSON. */
class RowObject {
  readonly #fields = new Map<string, unknown>();
  #bytes = 0;

  /** @param shared what the row has from its resource and scope */
  constructor(shared?: RowObject) {
    if (shared === undefined) return;
    this.#fields = new Map(shared.#fields);
    this.#bytes = shared.#bytes;
  }

  set(name: string, value: FieldValue): void {
    const bytes = ENTRY_BYTES + name.length + (typeof value === 'string' ? value.length : 0);
    if (this.#bytes + bytes > MAX_OBJECT_BYTES) return;
    this.#bytes += bytes;
    // JSON has neither 64-bit integers nor NaN: both are text, which the field's SQL casts back.
    this.#fields.set(name, typeof value === 'bigint' || !isJsonNumber(value) ? String(value) : value);
  }

  toJson(): string {
    // `fromEntries` makes own properties, so the field `__proto__` is one like any other.
    return JSON.stringify(Object.fromEntries(this.#fields));
  }
}

function isJsonNumber(value: unknown): boolean {
  return typeof value !== 'number' || Number.isFinite(value);
}
