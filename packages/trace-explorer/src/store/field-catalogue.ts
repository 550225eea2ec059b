import { CORE_FIELDS, SAMPLE_RATE_FIELD } from '../fields/core-fields.ts';
import type { FieldType } from '../fields/field-type.ts';
import { TYPE_BIT } from './column-buffer.ts';
import type { RowBuffer } from './row-buffer.ts';
import type { Field } from './types.ts';

/** A field as the writer knows it. `column` is undefined for a field in the spill column. */
export interface CatalogueField extends Field {
  readonly column: string | undefined;
  lastWritten: number;
}

export interface SchemaChange {
  readonly field: CatalogueField;
  /** The type before, when the column exists and has to be widened. */
  readonly from: FieldType | undefined;
}

/** One JSON object of the row's fields beyond the column limit. */
const SPILL_COLUMN = '_spilled';

export const SQL_TYPES: Readonly<Record<FieldType, string>> = {
  string: 'VARCHAR',
  integer: 'BIGINT',
  float: 'DOUBLE',
  boolean: 'BOOLEAN',
};

/**
 * The store's fields. DuckDB's identifiers ignore case and attribute names are whatever a client sent, so
 * physical columns have names of our own (`f0`, `f1` …).
 */
export class FieldCatalogue {
  readonly fields = new Map<string, CatalogueField>();
  /** Those that queries can name. */
  readonly named = new Map<string, CatalogueField>();
  readonly datasetFields = new Map<string, Map<string, number>>();
  readonly #maxColumns: number;
  readonly #maxSpilled: number;
  #columns: CatalogueField[] = [];
  #spilled = 0;
  #unlisted = 0;

  /**
   * @param maxColumns fields with a column of their own
   * @param maxSpilled fields listed beyond those; further ones are stored but not listed, since a sender that
   *   invents names could otherwise fill the memory with them
   */
  constructor(maxColumns: number, maxSpilled: number) {
    this.#maxColumns = maxColumns;
    this.#maxSpilled = maxSpilled;
  }

  /** Fields with a column of their own, in the order of the table's columns. */
  get columns(): readonly CatalogueField[] {
    return this.#columns;
  }

  get spilledCount(): number {
    return this.#spilled;
  }

  /** True once a field was stored without being listed. */
  get hasUnlisted(): boolean {
    return this.#unlisted > 0;
  }

  load(field: CatalogueField): void {
    this.#install(field);
  }

  /** The core fields that are not there yet. */
  missingCoreFields(now: number): SchemaChange[] {
    const missing = [...CORE_FIELDS].filter(([name]) => !this.fields.has(name));
    return missing.map(([name, type], index) => ({
      field: columnField(name, type, this.#columns.length + index, now),
      from: undefined,
    }));
  }

  /** What has to change before `rows` fit: new columns and wider types. Changes nothing itself. */
  plan(rows: RowBuffer, now: number): SchemaChange[] {
    const changes: SchemaChange[] = [];
    let columns = this.#columns.length;
    let spilled = this.#spilled;
    for (const { name, types } of rows.columns.values()) {
      const known = this.fields.get(name);
      const type = widen(known?.type, types);
      if (known !== undefined) {
        if (type !== known.type) changes.push({ field: retyped(known, type), from: known.type });
      } else if (columns < this.#maxColumns) {
        changes.push({ field: columnField(name, type, columns++, now), from: undefined });
      } else if (spilled < this.#maxSpilled) {
        spilled++;
        changes.push({ field: spilledField(name, type, now), from: undefined });
      } else {
        this.#unlisted++;
      }
    }
    return changes;
  }

  /** Pairs of dataset and field that `rows` are the first to write. */
  newPairs(rows: RowBuffer): (readonly [dataset: string, name: string])[] {
    const pairs: (readonly [string, string])[] = [];
    for (const { name, datasets } of rows.columns.values()) {
      for (const dataset of datasets) {
        if (this.datasetFields.get(dataset)?.has(name) !== true) pairs.push([dataset, name]);
      }
    }
    return pairs;
  }

  /** Takes over changes that are committed. */
  apply(changes: readonly SchemaChange[]): void {
    for (const { field } of changes) this.#install(field);
  }

  /** Forgets every field but these, which are all that a store has that was made anew. */
  reset(fields: readonly CatalogueField[]): void {
    this.fields.clear();
    this.named.clear();
    this.datasetFields.clear();
    this.#columns = [];
    this.#spilled = 0;
    this.#unlisted = 0;
    for (const field of fields) this.#install(field);
  }

  /** Notes that committed rows wrote their fields at `now` (milliseconds). */
  touch(rows: RowBuffer, now: number): void {
    for (const { name, datasets } of rows.columns.values()) {
      const field = this.fields.get(name);
      if (field === undefined) continue;
      field.lastWritten = now;
      for (const dataset of datasets) this.touchDataset(dataset, name, now);
    }
  }

  touchDataset(dataset: string, field: string, now: number): void {
    let fields = this.datasetFields.get(dataset);
    if (fields === undefined) {
      fields = new Map();
      this.datasetFields.set(dataset, fields);
    }
    fields.set(field, now);
  }

  #install(field: CatalogueField): void {
    const known = this.fields.get(field.name);
    if (known === undefined) {
      if (field.column === undefined) this.#spilled++;
      else this.#columns.push(field);
    } else {
      this.#columns = this.#columns.map((column) => (column === known ? field : column));
    }
    this.fields.set(field.name, field);
    if (field.name !== SAMPLE_RATE_FIELD) this.named.set(field.name, field);
  }
}

/** Integers and floats become floats; any other mix becomes text. */
function widen(known: FieldType | undefined, types: number): FieldType {
  const all = types | (known === undefined ? 0 : TYPE_BIT[known]);
  if (all === TYPE_BIT.integer) return 'integer';
  if (all === TYPE_BIT.float || all === (TYPE_BIT.integer | TYPE_BIT.float)) return 'float';
  return all === TYPE_BIT.boolean ? 'boolean' : 'string';
}

export function columnField(name: string, type: FieldType, index: number, now: number): CatalogueField {
  const column = `f${index}`;
  return { name, type, column, sql: `"${column}"`, spilled: false, created: now, lastWritten: now };
}

export function spilledField(name: string, type: FieldType, now: number): CatalogueField {
  return {
    name,
    type,
    column: undefined,
    sql: spilledSql(name, type),
    spilled: true,
    created: now,
    lastWritten: now,
  };
}

function retyped(field: CatalogueField, type: FieldType): CatalogueField {
  return field.column === undefined
    ? { ...field, type, sql: spilledSql(field.name, type) }
    : { ...field, type };
}

/** A JSON Pointer (RFC 6901) in an SQL literal: of the ways DuckDB reads JSON, the one that takes any key. */
function spilledSql(name: string, type: FieldType): string {
  const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const text = `json_extract_string("${SPILL_COLUMN}", '${pointer.replaceAll("'", "''")}')`;
  return type === 'string' ? text : `TRY_CAST(${text} AS ${SQL_TYPES[type]})`;
}
