import type { DuckDBConnection } from '@duckdb/node-api';
import { CORE_FIELDS, SAMPLE_RATE_FIELD } from '../../fields/core-fields.ts';
import type { FieldType } from '../../fields/field-type.ts';
import type { Batch, ColumnBuffer } from '../rows/batch.ts';
import { TYPE_BIT, typesOf } from '../rows/batch.ts';
import { appendRows } from './database.ts';
import type { DbColumn, Field } from './field.ts';
import { DUCKDB_TYPES, fieldIn, OVERFLOW } from './field.ts';

/** Names that can be queried. Further names are in their spans only: a sender that invents names would fill the memory. */
const MAX_NAMES = 22_000;
/** Pairs of dataset and column: a thousand services of 200 fields each. */
export const MAX_PAIRS = 200_000;
/** Deleted columns to remember: no statement is so old that it names earlier ones. */
const MAX_GONE = 10_000;
/** Span ids are all different. Looking for equal ones costs a sixth of a commit. */
const UNCOMPRESSED = 'trace.span_id';

interface Entry {
  readonly created: number;
  lastWritten: number;
  /** By type, with the columns in OVERFLOW. */
  readonly columns: Map<FieldType, DbColumn>;
}

type DatasetField = readonly [dataset: string, name: string, types: number, lastWritten: number];

/** The columns that a batch's values go to. */
export interface ColumnPlan {
  readonly fields: readonly {
    readonly buffer: ColumnBuffer;
    /** By the type of a sent value. */
    readonly columns: ReadonlyMap<FieldType, DbColumn>;
  }[];
  /** Planned columns that the table does not have. */
  readonly missing: readonly DbColumn[];
}

/**
 * The store's fields and their columns. A field has a column for each type that was sent, so that no dataset changes the
 * values of another.
 */
export class Catalogue {
  readonly #maxColumns: number;
  readonly #entries = new Map<string, Entry>();
  /** When each dataset last wrote to its columns: milliseconds. */
  readonly #datasets = new Map<string, Map<DbColumn, number>>();
  #pairs = 0;
  /** In the order of the table. */
  columns: DbColumn[] = [];
  /** By name, columns that were deleted with their table: a statement that was made before may still name them. */
  gone: ReadonlyMap<string, DbColumn> = new Map();
  /** Of the next column's name. After a deletion no column gets an earlier name: a query may have been made with it. */
  #nextNumber = 0;
  /** Fields without a column of their own. */
  overflowing = 0;
  /** Fields that queries can name, with the core fields; undefined after a change. */
  #named: Map<string, Field> | undefined;

  /** @param maxColumns columns of fields; further fields share OVERFLOW */
  constructor(maxColumns: number) {
    this.#maxColumns = maxColumns;
  }

  async load(connection: DuckDBConnection): Promise<void> {
    const gone = this.columns.map((column) => [column.name, column] as const);
    this.gone = new Map([...this.gone, ...gone].slice(-MAX_GONE));
    this.#entries.clear();
    this.columns = [];
    [this.overflowing, this.#named] = [0, undefined];
    this.forgetDatasets(() => false);
    const found = await connection.runAndReadAll(
      `SELECT name, type, "column", created FROM fields ORDER BY TRY_CAST(substr("column", 2) AS INTEGER)`,
    );
    for (const [field, type, name, created] of found.getRows())
      this.#install({ field: String(field), type: type as FieldType, name: String(name) }, Number(created));
    const pairs = await connection.runAndReadAll(
      'SELECT dataset, name, types, last_written FROM dataset_fields',
    );
    for (const [dataset, name, types, lastWritten] of pairs.getRows())
      for (const type of typesOf(Number(types))) {
        const column = this.#entries.get(String(name))?.columns.get(type);
        if (column !== undefined) this.#note(String(dataset), column, Number(lastWritten));
      }
  }

  /** SQL of a core field; NULL where no row has the field. */
  sql(name: string): string {
    return this.named().get(name)?.sql ?? 'NULL';
  }

  /** A field, also the sample rate; undefined while no row has the field. */
  stored(name: string): Field | undefined {
    const entry = this.#entries.get(name);
    return entry && fieldIn(name, [...entry.columns.values()], entry);
  }

  named(dataset?: string): ReadonlyMap<string, Field> {
    this.#named ??= this.#nameAll();
    if (dataset === undefined) return this.#named;
    const written = Map.groupBy(this.#datasets.get(dataset)?.keys() ?? [], ({ field }) => field);
    const own = [...written].flatMap(([name, columns]) => {
      const entry = this.#entries.get(name);
      if (entry === undefined || entry.columns.size === 1 || name === SAMPLE_RATE_FIELD) return [];
      return [[name, fieldIn(name, columns, entry)] as const];
    });
    return own.length === 0 ? this.#named : new Map([...this.#named, ...own]);
  }

  get knowsDatasets(): boolean {
    return this.#pairs < MAX_PAIRS;
  }

  /** Fields of a dataset and when each was last written; undefined where there are too many datasets to know. */
  ofDataset(dataset: string): ReadonlyMap<string, number> | undefined {
    if (!this.knowsDatasets) return undefined;
    const written = new Map<string, number>();
    for (const [{ field }, time] of this.#datasets.get(dataset) ?? [])
      written.set(field, Math.max(time, written.get(field) ?? 0));
    return written;
  }

  /** Decides which column each value of a batch goes to. Changes nothing. Fields above the limit are left out. */
  plan(batch: Batch): ColumnPlan {
    const missing: DbColumn[] = [];
    let columnCount = this.columns.length;
    let number = this.#nextNumber;
    let names = this.#entries.size;
    const fields = [...batch.columns.values()].flatMap((buffer) => {
      const { name: field, types } = buffer;
      const known = this.#entries.get(field)?.columns;
      if (known === undefined && names++ >= MAX_NAMES) return [];
      const columns = new Map<FieldType, DbColumn>();
      for (const sent of typesOf(types)) {
        const type = this.#columnType(field, sent, types);
        let column = known?.get(type) ?? [...columns.values()].find((other) => other.type === type);
        if (column === undefined) {
          const isOwn =
            columnCount < this.#maxColumns || CORE_FIELDS.has(field) || field === SAMPLE_RATE_FIELD;
          if (isOwn) columnCount++;
          column = { field, type, name: isOwn ? `f${number++}` : OVERFLOW };
          missing.push(column);
        }
        columns.set(sent, column);
      }
      return [{ buffer, columns }];
    });
    return { fields, missing };
  }

  /** Whether queries can name all fields of a batch already. */
  knows(batch: Batch): boolean {
    return pairsOf(this.plan(batch)).every(([dataset, column]) => this.#datasets.get(dataset)?.has(column));
  }

  /** The type of the column for a field's values of a type. @param types the types that come together */
  #columnType(field: string, type: FieldType, types: number): FieldType {
    const core = CORE_FIELDS.get(field);
    if (core === 'string' || core === type) return core;
    if (type !== 'integer') return type;
    // JavaScript sends 2 as an integer and 2.5 as a float: both go to the column of floats.
    const columns = this.#entries.get(field)?.columns;
    const isFloat =
      core === 'float' ||
      (types & TYPE_BIT.float) !== 0 ||
      (columns?.has('float') === true && !columns.has('integer'));
    return isFloat ? 'float' : 'integer';
  }

  /**
   * Adds columns and their records. No transaction may be open: DuckDB would keep a version of the table for each column.
   * @param now milliseconds @throws DuckDB's error: the file has to be opened anew
   */
  async add(connection: DuckDBConnection, columns: readonly DbColumn[], now: number): Promise<void> {
    for (const { field, type, name } of columns) {
      if (name === OVERFLOW) continue;
      const compression = field === UNCOMPRESSED ? ' USING COMPRESSION uncompressed' : '';
      await connection.run(`ALTER TABLE spans ADD COLUMN "${name}" ${DUCKDB_TYPES[type]}${compression}`);
    }
    const rows = columns.map(({ field, type, name }) => [field, type, name, now]);
    await appendRows(connection, 'fields', rows);
    for (const column of columns) this.#install(column, now);
  }

  /**
   * Notes that a batch wrote its fields at `now` (milliseconds).
   * @returns rows of `dataset_fields`, for new pairs
   */
  touch(plan: ColumnPlan, now: number): DatasetField[] {
    return pairsOf(plan).flatMap(([dataset, column]) =>
      this.#note(dataset, column, now) ? [[dataset, column.field, TYPE_BIT[column.type], now] as const] : [],
    );
  }

  /** Forgets the fields of datasets that are gone. */
  forgetDatasets(isThere: (dataset: string) => boolean): void {
    for (const [dataset, { size }] of this.#datasets) {
      if (isThere(dataset)) continue;
      this.#datasets.delete(dataset);
      this.#pairs -= size;
    }
  }

  notices(): string[] {
    return [
      this.#entries.size >= MAX_NAMES &&
        'Too many different field names: queries do not know further ones, which only their spans have.',
      !this.knowsDatasets &&
        'There are too many services to know which fields each of them has: lists show all fields for each. Is service.name different for each process, or each request?',
    ].filter((sentence) => sentence !== false);
  }

  #nameAll(): Map<string, Field> {
    const now = Date.now();
    const named = new Map<string, Field>();
    for (const [name, type] of CORE_FIELDS) {
      const sql = `CAST(NULL AS ${DUCKDB_TYPES[type]})`;
      named.set(name, { name, type, sql, spilled: false, created: now, lastWritten: now });
    }
    for (const [name, entry] of this.#entries)
      if (name !== SAMPLE_RATE_FIELD) named.set(name, fieldIn(name, [...entry.columns.values()], entry));
    return named;
  }

  #install(column: DbColumn, created: number): void {
    const { field, type, name } = column;
    const entry = this.#entries.get(field) ?? { created, lastWritten: created, columns: new Map() };
    if (entry.columns.size === 0 && name === OVERFLOW) this.overflowing++;
    entry.columns.set(type, column);
    this.#entries.set(field, entry);
    if (name !== OVERFLOW) {
      this.columns.push(column);
      this.#nextNumber = Number(name.slice(1)) + 1;
    }
    this.#named = undefined;
  }

  /** Notes that a dataset wrote to a column. @returns whether the pair is new */
  #note(dataset: string, column: DbColumn, now: number): boolean {
    const entry = this.#entries.get(column.field);
    if (entry !== undefined) entry.lastWritten = Math.max(entry.lastWritten, now);
    const columns = this.#datasets.get(dataset) ?? new Map<DbColumn, number>();
    const isNew = !columns.has(column);
    if (isNew && !this.knowsDatasets) return false;
    if (isNew) this.#pairs++;
    this.#datasets.set(dataset, columns.set(column, now));
    return isNew;
  }
}

function pairsOf({ fields }: ColumnPlan): (readonly [dataset: string, column: DbColumn])[] {
  return fields.flatMap(({ buffer, columns }) =>
    [...buffer.datasets].flatMap(([dataset, sent]) =>
      typesOf(sent).map((type) => [dataset, columns.get(type) as DbColumn] as const),
    ),
  );
}
