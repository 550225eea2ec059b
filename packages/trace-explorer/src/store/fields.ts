import type { DuckDBConnection } from '@duckdb/node-api';
import { CORE_FIELDS, OCCASIONAL_FIELDS, SAMPLE_RATE_FIELD } from '../fields/core-fields.ts';
import type { FieldType } from '../fields/field-type.ts';
import { appendRows, castSql, inTransaction, OVERFLOW, overflowSql, SQL_TYPES } from './database.ts';
import type { RowBuffer } from './rows.ts';
import { TYPE_BIT, typesOf } from './rows.ts';
import type { Field } from './types.ts';

/** Names that can be queried. Further names are in their spans only: a sender that invents names would fill the memory. */
const MAX_NAMES = 22_000;
/** Pairs of dataset and field: a thousand services of 200 fields each. */
export const MAX_PAIRS = 200_000;
/** New columns of one transaction: DuckDB keeps a version of the table for each until it commits. */
const TRANSACTION_COLUMNS = 32;
/** Span ids are all different. Looking for equal ones costs a sixth of a commit. */
const UNCOMPRESSED = 'trace.span_id';

/** The column of a field's values of one type, or OVERFLOW. */
interface Place {
  readonly name: string;
  readonly type: FieldType;
  readonly column: string;
}

interface Entry {
  readonly created: number;
  lastWritten: number;
  /** Columns by type, OVERFLOW among them. */
  readonly places: Map<FieldType, string>;
}

interface Written {
  types: number;
  lastWritten: number;
}

type DatasetField = readonly [dataset: string, name: string, types: number, lastWritten: number];

/**
 * The store's fields. A field has a column for each type that was sent, so that no dataset changes the values of another.
 * DuckDB's identifiers ignore case, so columns have names of the store's own (`f0`, `f1` …).
 */
export class Fields {
  readonly #maxColumns: number;
  readonly #entries = new Map<string, Entry>();
  readonly #datasets = new Map<string, Map<string, Written>>();
  #pairs = 0;
  /** In the order of the table. */
  columns: Place[] = [];
  /** Fields without a column of their own. */
  overflowing = 0;
  /** Fields that queries can name, with the core fields; undefined after a change. */
  #named: Map<string, Field> | undefined;

  /** @param maxColumns fields with columns of their own; further fields share OVERFLOW */
  constructor(maxColumns: number) {
    this.#maxColumns = maxColumns;
  }

  /** Reads the fields from the file, after making the columns that every store has. */
  async load(connection: DuckDBConnection): Promise<void> {
    this.#entries.clear();
    this.columns = [];
    [this.overflowing, this.#named] = [0, undefined];
    this.forgetDatasets(() => false);
    const found = await connection.runAndReadAll(
      `SELECT name, type, "column", created FROM fields ORDER BY TRY_CAST(substr("column", 2) AS INTEGER)`,
    );
    for (const [name, type, column, created] of found.getRows()) {
      const place = { name: String(name), type: type as FieldType, column: String(column) };
      this.#install(place, Number(created));
    }
    const pairs = await connection.runAndReadAll(
      'SELECT dataset, name, types, last_written FROM dataset_fields',
    );
    for (const [dataset, name, types, lastWritten] of pairs.getRows())
      this.#note(String(dataset), String(name), Number(types), Number(lastWritten));
    const core = [...CORE_FIELDS].filter(
      ([name]) => !this.#entries.has(name) && !OCCASIONAL_FIELDS.has(name),
    );
    const first = this.columns.length;
    const places = core.map(([name, type], index) => ({ name, type, column: `f${first + index}` }));
    await this.add(connection, places, Date.now());
  }

  /** SQL of a field that every store has, or the sample rate; NULL where no row has it. */
  sql(name: string): string {
    return this.stored(name)?.sql ?? 'NULL';
  }

  /** A field, also the sample rate; undefined while no row has it. */
  stored(name: string): Field | undefined {
    const entry = this.#entries.get(name);
    return entry && fieldOf(name, entry, ALL_TYPES);
  }

  /** Fields by name, of all datasets or of one. */
  named(dataset?: string): ReadonlyMap<string, Field> {
    this.#named ??= this.#nameAll();
    if (dataset === undefined) return this.#named;
    const own = [...(this.#datasets.get(dataset) ?? [])].flatMap(([name, { types }]) => {
      const entry = this.#entries.get(name);
      const isMixed = entry !== undefined && entry.places.size > 1 && name !== SAMPLE_RATE_FIELD;
      return isMixed ? [[name, fieldOf(name, entry, types)] as const] : [];
    });
    return own.length === 0 ? this.#named : new Map([...this.#named, ...own]);
  }

  /** Whether the fields of each dataset are known. */
  get knowsDatasets(): boolean {
    return this.#pairs < MAX_PAIRS;
  }

  /** Fields of a dataset and when each was last written; undefined where there are too many datasets to know. */
  ofDataset(dataset: string): ReadonlyMap<string, number> | undefined {
    if (!this.knowsDatasets) return undefined;
    const written = this.#datasets.get(dataset) ?? new Map<string, Written>();
    return new Map([...written].map(([name, { lastWritten }]) => [name, lastWritten]));
  }

  /** The type of the column for a field's values of a type. `types` are the types that come together. */
  columnType(name: string, type: FieldType, types: number): FieldType {
    const core = CORE_FIELDS.get(name);
    if (core === 'string' || core === type) return core;
    if (type !== 'integer') return type;
    // JavaScript sends 2 as an integer and 2.5 as a float: both go to the column of floats.
    const places = this.#entries.get(name)?.places;
    const isFloat =
      core === 'float' ||
      (types & TYPE_BIT.float) !== 0 ||
      (places?.has('float') === true && !places.has('integer'));
    return isFloat ? 'float' : 'integer';
  }

  /** The column of a field's values of a type. */
  placeOf(name: string, type: FieldType): string {
    return this.#entries.get(name)?.places.get(type) ?? OVERFLOW;
  }

  /** The columns that `rows` need and the table does not have. Changes nothing. */
  missing(rows: RowBuffer): Place[] {
    const missing: Place[] = [];
    let columns = this.columns.length;
    let names = this.#entries.size;
    for (const { name, types } of rows.columns.values()) {
      const places = this.#entries.get(name)?.places;
      if (places === undefined && names++ >= MAX_NAMES) continue;
      for (const type of typesOf(this.#columnTypes(name, types, types))) {
        if (places?.has(type) === true) continue;
        const isOwn = columns < this.#maxColumns || CORE_FIELDS.has(name) || name === SAMPLE_RATE_FIELD;
        missing.push({ name, type, column: isOwn ? `f${columns++}` : OVERFLOW });
      }
    }
    return missing;
  }

  /** Adds columns, with their records, in one transaction. @param now milliseconds @throws DuckDB's error */
  async add(connection: DuckDBConnection, places: readonly Place[], now: number): Promise<void> {
    for (let from = 0; from < places.length; from += TRANSACTION_COLUMNS) {
      const group = places.slice(from, from + TRANSACTION_COLUMNS);
      await inTransaction(connection, async () => {
        for (const { name, type, column } of group) {
          if (column === OVERFLOW) continue;
          const compression = name === UNCOMPRESSED ? ' USING COMPRESSION uncompressed' : '';
          await connection.run(`ALTER TABLE spans ADD COLUMN "${column}" ${SQL_TYPES[type]}${compression}`);
        }
        await appendRows(connection, 'fields', (appender) => {
          for (const { name, type, column } of group) {
            for (const text of [name, type, column]) appender.appendVarchar(text);
            appender.appendBigInt(BigInt(now));
            appender.endRow();
          }
        });
      });
      for (const place of group) this.#install(place, now);
    }
  }

  /** Notes that rows wrote their fields at `now` (milliseconds). @returns pairs of dataset and field that are new or have a new type */
  touch(rows: RowBuffer, now: number): DatasetField[] {
    const changed: DatasetField[] = [];
    for (const { name, datasets, types: together } of rows.columns.values()) {
      if (!this.#entries.has(name)) continue;
      for (const [dataset, given] of datasets) {
        const types = this.#columnTypes(name, given, together);
        if (this.#note(dataset, name, types, now)) changed.push([dataset, name, types, now]);
      }
    }
    return changed;
  }

  /** Whether queries can name all fields of the rows already. */
  knows(rows: RowBuffer): boolean {
    for (const { name, datasets, types: together } of rows.columns.values())
      for (const [dataset, given] of datasets) {
        const known = this.#datasets.get(dataset)?.get(name)?.types ?? 0;
        if ((this.#columnTypes(name, given, together) & ~known) !== 0) return false;
      }
    return true;
  }

  #columnTypes(name: string, given: number, together: number): number {
    return typesOf(given).reduce((bits, type) => bits | TYPE_BIT[this.columnType(name, type, together)], 0);
  }

  /** Adds pairs of dataset and field, inside the caller's transaction. Of two equal pairs the types of both count. */
  async savePairs(connection: DuckDBConnection, pairs: readonly DatasetField[]): Promise<void> {
    if (pairs.length === 0) return;
    await appendRows(connection, 'dataset_fields', (appender) => {
      for (const [dataset, name, types, lastWritten] of pairs) {
        appender.appendVarchar(dataset);
        appender.appendVarchar(name);
        appender.appendInteger(types);
        appender.appendBigInt(BigInt(lastWritten));
        appender.endRow();
      }
    });
  }

  /** Forgets the fields of datasets that are gone. */
  forgetDatasets(isThere: (dataset: string) => boolean): void {
    for (const [dataset, { size }] of this.#datasets) {
      if (isThere(dataset)) continue;
      this.#datasets.delete(dataset);
      this.#pairs -= size;
    }
  }

  /** A sentence for each limit that was reached. */
  notices(): string[] {
    return [
      this.overflowing > 0 &&
        `${this.overflowing} fields beyond the first ${this.#maxColumns} share one column: they can be queried, slower.`,
      this.#entries.size >= MAX_NAMES &&
        'Too many different field names: further ones are kept with their spans only and cannot be queried.',
      !this.knowsDatasets &&
        'There are too many services to know which fields each of them has: all fields are listed for each. Is service.name different for each process, or each request?',
    ].filter((sentence) => sentence !== false);
  }

  #nameAll(): Map<string, Field> {
    const now = Date.now();
    const named = new Map<string, Field>();
    for (const [name, type] of CORE_FIELDS) {
      const sql = `CAST(NULL AS ${SQL_TYPES[type]})`;
      named.set(name, { name, type, sql, spilled: false, created: now, lastWritten: now });
    }
    for (const [name, entry] of this.#entries)
      if (name !== SAMPLE_RATE_FIELD) named.set(name, fieldOf(name, entry, ALL_TYPES));
    return named;
  }

  #install(place: Place, created: number): void {
    const { name, type, column } = place;
    const entry = this.#entries.get(name) ?? { created, lastWritten: created, places: new Map() };
    if (entry.places.size === 0 && column === OVERFLOW) this.overflowing++;
    entry.places.set(type, column);
    this.#entries.set(name, entry);
    if (column !== OVERFLOW) this.columns.push(place);
    this.#named = undefined;
  }

  /** Notes that a dataset wrote a field. @returns whether the pair or its type is new */
  #note(dataset: string, name: string, types: number, now: number): boolean {
    const entry = this.#entries.get(name);
    if (entry !== undefined) entry.lastWritten = Math.max(entry.lastWritten, now);
    const fields = this.#datasets.get(dataset) ?? new Map<string, Written>();
    const known = fields.get(name);
    if (known === undefined && !this.knowsDatasets) return false;
    if (known === undefined) this.#pairs++;
    const before = known?.types ?? 0;
    fields.set(name, { types: before | types, lastWritten: now });
    this.#datasets.set(dataset, fields);
    return (before | types) !== before;
  }
}

const ALL_TYPES = 15;

/** A field of these types: integers and floats are read as floats, any other mix as text. */
function fieldOf(name: string, entry: Entry, types: number): Field {
  const places = [...entry.places].filter(([type]) => (types & TYPE_BIT[type]) !== 0);
  const [first = 'string', ...others] = places.map(([type]) => type);
  const areNumbers = [first, ...others].every((type) => type === 'integer' || type === 'float');
  const type = others.length === 0 ? first : areNumbers ? 'float' : 'string';
  const own = places.filter(([, column]) => column !== OVERFLOW);
  const pieces = own.map(([from, column]) => castSql(`"${column}"`, from, type));
  if (own.length < places.length) pieces.push(overflowSql(name, type));
  return {
    name,
    type,
    sql: pieces.length === 1 ? (pieces[0] as string) : `coalesce(${pieces.join(', ')})`,
    spilled: own.length === 0,
    created: entry.created,
    // As it is when it is asked for.
    get lastWritten() {
      return entry.lastWritten;
    },
  };
}
