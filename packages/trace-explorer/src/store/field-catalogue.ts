import { CORE_FIELDS, OCCASIONAL_FIELDS, SAMPLE_RATE_FIELD } from '../fields/core-fields.ts';
import type { FieldType } from '../fields/field-type.ts';
import { TYPE_BIT } from './column-buffer.ts';
import type { RowBuffer } from './row-buffer.ts';
import type { Field } from './types.ts';

/** A field as the writer knows it. */
export interface CatalogueField extends Field {
  /** Of table `spans`: one of its own, or one of JSON objects. */
  readonly column: string;
  /** Whether the column holds JSON objects, for this field and others. */
  readonly isInJson: boolean;
  lastWritten: number;
}

/** A column of table `spans` after the internal ones. */
export interface TableColumn {
  readonly column: string;
  readonly type: FieldType;
  /** The name of the field whose column it is; undefined where several share it. */
  readonly field: string | undefined;
}

export interface SchemaChange {
  readonly field: CatalogueField;
  /** The type before, when the field exists and has to be widened. */
  readonly from: FieldType | undefined;
  /** Whether the field's column is new. */
  readonly addsColumn: boolean;
}

/** One JSON object of the row's fields beyond the column limit. */
export const SPILL_COLUMN = '_spilled';

/**
 * Fields with a column of their own. Each column costs some 40 ns with every row, also where the row has no value, and
 * memory: with 2,000 of them a span took 400 µs of processor time, and the process 750 MB.
 */
const OWN_COLUMNS = 256;
/**
 * Later fields share a column of JSON objects among so many. Fields that are new together are most often in the same rows,
 * so the other rows have nothing in that column.
 */
const SHARED_FIELDS = 32;

/**
 * Pairs of dataset and field that are remembered: a thousand services of 200 fields each. They are written anew every few
 * seconds, and a sender that invents names of services would have no end of them.
 */
export const MAX_PAIRS = 200_000;

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
  /** Those that queries can name: also core fields that no row has had a value of. */
  readonly named = new Map<string, Field>();
  readonly datasetFields = new Map<string, Map<string, number>>();
  #pairs = 0;
  readonly #maxColumns: number;
  readonly #maxSpilled: number;
  #columns: TableColumn[] = [];
  #own = 0;
  /** Fields of each shared column, in the order of the table's columns. */
  readonly #shared = new Map<string, number>();
  #spilled = 0;
  #unlisted = 0;

  /**
   * @param maxColumns fields with a column of their own or one that they share with a few
   * @param maxSpilled fields listed beyond those; further ones are stored but not listed, since a sender that
   *   invents names could otherwise fill the memory with them
   */
  constructor(maxColumns: number, maxSpilled: number) {
    this.#maxColumns = maxColumns;
    this.#maxSpilled = maxSpilled;
    this.#nameCoreFields();
  }

  /** In the order of the table. */
  get columns(): readonly TableColumn[] {
    return this.#columns;
  }

  /** Fields that are not spilled, with those whose place is kept until their first value. */
  get inColumnsCount(): number {
    const awaited = [...OCCASIONAL_FIELDS].filter((name) => !this.fields.has(name));
    return this.fields.size - this.#spilled + awaited.length;
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

  /** The core fields that are not there yet, but for those whose columns are made with their first value. */
  missingCoreFields(now: number): SchemaChange[] {
    const missing = [...CORE_FIELDS].filter(
      ([name]) => !this.fields.has(name) && !OCCASIONAL_FIELDS.has(name),
    );
    return missing.map(([name, type], index) => ({
      field: columnField(name, type, this.#columns.length + index, now),
      from: undefined,
      addsColumn: true,
    }));
  }

  /** What has to change before `rows` fit: new columns and wider types. Changes nothing itself. */
  plan(rows: RowBuffer, now: number): SchemaChange[] {
    const changes: SchemaChange[] = [];
    let columns = this.#columns.length;
    let own = this.#own;
    let inColumns = this.inColumnsCount;
    let spilled = this.#spilled;
    let [shared = '', used = SHARED_FIELDS] = [...this.#shared].at(-1) ?? [];
    for (const { name, types } of rows.columns.values()) {
      const known = this.fields.get(name);
      const coreType = CORE_FIELDS.get(name);
      const type = widen(known?.type ?? coreType, types);
      if (known !== undefined) {
        if (type !== known.type)
          changes.push({ field: retyped(known, type), from: known.type, addsColumn: false });
      } else if (inColumns < this.#maxColumns || coreType !== undefined) {
        if (coreType === undefined) inColumns++;
        const isOwn = own < OWN_COLUMNS || coreType !== undefined;
        const addsColumn = isOwn || used >= SHARED_FIELDS;
        if (isOwn) own++;
        else if (addsColumn) [shared, used] = [`s${columns}`, 1];
        else used++;
        const field = isOwn ? columnField(name, type, columns, now) : jsonField(name, type, shared, now);
        if (addsColumn) columns++;
        changes.push({ field, from: undefined, addsColumn });
      } else if (spilled < this.#maxSpilled) {
        spilled++;
        changes.push({ field: jsonField(name, type, SPILL_COLUMN, now), from: undefined, addsColumn: false });
      } else {
        this.#unlisted++;
      }
    }
    return changes;
  }

  /** Whether the fields of each dataset are known: there are not too many of them. */
  get knowsDatasets(): boolean {
    return this.#pairs < MAX_PAIRS;
  }

  /** Pairs of dataset and field that `rows` are the first to write, and that are to be remembered. */
  newPairs(rows: RowBuffer): (readonly [dataset: string, name: string])[] {
    const pairs: (readonly [string, string])[] = [];
    for (const { name, datasets } of rows.columns.values()) {
      for (const dataset of datasets) {
        if (this.#pairs + pairs.length >= MAX_PAIRS) return pairs;
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
    this.#pairs = 0;
    this.#columns = [];
    this.#own = 0;
    this.#shared.clear();
    this.#spilled = 0;
    this.#unlisted = 0;
    this.#nameCoreFields();
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
    if (fields?.has(field) !== true) {
      if (!this.knowsDatasets) return;
      this.#pairs++;
    }
    if (fields === undefined) {
      fields = new Map();
      this.datasetFields.set(dataset, fields);
    }
    fields.set(field, now);
  }

  /** Forgets the fields of datasets that are gone. */
  forgetDatasets(isThere: (dataset: string) => boolean): void {
    for (const [dataset, { size }] of this.datasetFields) {
      if (isThere(dataset)) continue;
      this.datasetFields.delete(dataset);
      this.#pairs -= size;
    }
  }

  #nameCoreFields(): void {
    const now = Date.now();
    for (const [name, type] of CORE_FIELDS) {
      const sql = `CAST(NULL AS ${SQL_TYPES[type]})`;
      this.named.set(name, { name, type, sql, spilled: false, created: now, lastWritten: now });
    }
  }

  #install(field: CatalogueField): void {
    const { name, column, type } = field;
    if (!field.isInJson) {
      const own = { column, type, field: name };
      if (this.fields.has(name)) {
        this.#columns = this.#columns.map((each) => (each.field === name ? own : each));
      } else {
        this.#own++;
        this.#columns.push(own);
      }
    } else if (!this.fields.has(name)) {
      if (field.spilled) this.#spilled++;
      else {
        const fields = this.#shared.get(column) ?? 0;
        if (fields === 0) this.#columns.push({ column, type: 'string', field: undefined });
        this.#shared.set(column, fields + 1);
      }
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
  return {
    name,
    type,
    column,
    isInJson: false,
    sql: `"${column}"`,
    spilled: false,
    created: now,
    lastWritten: now,
  };
}

/** @param column of JSON objects: one that fields share, or SPILL_COLUMN */
export function jsonField(name: string, type: FieldType, column: string, now: number): CatalogueField {
  return {
    name,
    type,
    column,
    isInJson: true,
    sql: jsonSql(column, name, type),
    spilled: column === SPILL_COLUMN,
    created: now,
    lastWritten: now,
  };
}

function retyped(field: CatalogueField, type: FieldType): CatalogueField {
  const { name, column, isInJson } = field;
  return isInJson ? { ...field, type, sql: jsonSql(column, name, type) } : { ...field, type };
}

/** What a field's name is in the text of a JSON object. */
export function jsonKey(name: string): string {
  return `${JSON.stringify(name)}:`;
}

/**
 * A JSON Pointer (RFC 6901) in an SQL literal: of the ways DuckDB reads JSON, the one that takes any key. Objects without
 * the key in their text are not parsed, which takes twice as long as looking for it.
 */
function jsonSql(column: string, name: string, type: FieldType): string {
  const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const text = `CASE WHEN contains("${column}", ${literal(jsonKey(name))}) THEN json_extract_string("${column}", ${literal(pointer)}) END`;
  return type === 'string' ? text : `TRY_CAST(${text} AS ${SQL_TYPES[type]})`;
}
