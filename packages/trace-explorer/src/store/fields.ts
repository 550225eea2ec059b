import type { DuckDBConnection } from '@duckdb/node-api';
import { CORE_FIELDS, OCCASIONAL_FIELDS, SAMPLE_RATE_FIELD } from '../fields/core-fields.ts';
import type { FieldType } from '../fields/field-type.ts';
import { appendRows, inTransaction, OVERFLOW } from './database.ts';
import type { RowBuffer } from './rows.ts';
import { TYPE_BIT } from './rows.ts';
import type { Field } from './types.ts';

/** Names that are listed; further ones are stored with their spans only: a sender that invents names would fill the memory. */
const MAX_NAMES = 22_000;
/** Pairs of dataset and field that are remembered: a thousand services of 200 fields each. */
export const MAX_PAIRS = 200_000;
/** New columns of one transaction: DuckDB keeps a version of the table for each until it commits. */
const TRANSACTION_COLUMNS = 32;
/** Span ids are all different: to look each of them up among the others costs a sixth of a commit, and spares little. */
const UNCOMPRESSED = 'trace.span_id';

const SQL_TYPES: Readonly<Record<FieldType, string>> = {
  string: 'VARCHAR',
  integer: 'BIGINT',
  float: 'DOUBLE',
  boolean: 'BOOLEAN',
};

/** A column of table `spans` after the internal ones, or OVERFLOW: the values of one type that a field has. */
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
 * The store's fields. Each has a column for every type that was sent: what a dataset writes changes no other dataset's
 * values. DuckDB's identifiers ignore case and attribute names are whatever a client sent, so columns have names of our own
 * (`f0`, `f1` …).
 */
export class Fields {
  readonly #maxColumns: number;
  readonly #entries = new Map<string, Entry>();
  readonly #datasets = new Map<string, Map<string, Written>>();
  #pairs = 0;
  #columns: Place[] = [];
  #overflowing = 0;
  #hasUnlisted = false;
  /** Those that queries can name, also core fields that no row has had a value of; undefined after a change. */
  #named: Map<string, Field> | undefined;

  /** @param maxColumns fields with columns of their own; further ones share OVERFLOW */
  constructor(maxColumns: number) {
    this.#maxColumns = maxColumns;
  }

  /** Reads the fields from the file, after making the columns that every store has. */
  async load(connection: DuckDBConnection): Promise<void> {
    this.#entries.clear();
    this.#columns = [];
    [this.#overflowing, this.#hasUnlisted, this.#named] = [0, false, undefined];
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
    const first = this.#columns.length;
    const places = core.map(([name, type], index) => ({ name, type, column: `f${first + index}` }));
    await this.add(connection, places, Date.now());
  }

  /** In the order of the table. */
  get columns(): readonly Place[] {
    return this.#columns;
  }

  get overflowing(): number {
    return this.#overflowing;
  }

  /** SQL of a field that every store has, or the sample rate; NULL where no row has it. */
  sql(name: string): string {
    return this.stored(name)?.sql ?? 'NULL';
  }

  /** The field as the writer knows it, also the sample rate; undefined while no row has it. */
  stored(name: string): Field | undefined {
    const entry = this.#entries.get(name);
    return entry && fieldOf(name, entry, ALL_TYPES);
  }

  /** Fields by name: as all datasets have them, or as one has. */
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

  /** Whether the fields of each dataset are known: there are not too many of them. */
  get knowsDatasets(): boolean {
    return this.#pairs < MAX_PAIRS;
  }

  /** Fields of a dataset and when each was last written; undefined where there are too many datasets to know. */
  ofDataset(dataset: string): ReadonlyMap<string, number> | undefined {
    if (!this.knowsDatasets) return undefined;
    const written = this.#datasets.get(dataset) ?? new Map<string, Written>();
    return new Map([...written].map(([name, { lastWritten }]) => [name, lastWritten]));
  }

  /** The type of the column that takes a field's values of a type; `types` are those that come together. */
  columnType(name: string, type: FieldType, types: number): FieldType {
    const core = CORE_FIELDS.get(name);
    if (core === 'string' || core === type) return core;
    if (type !== 'integer') return type;
    // Of numbers that come with and without a fraction, all are floats: JavaScript sends 2 as an integer, 2.5 as a float.
    const places = this.#entries.get(name)?.places;
    const isFloat =
      core === 'float' ||
      (types & TYPE_BIT.float) !== 0 ||
      (places?.has('float') === true && !places.has('integer'));
    return isFloat ? 'float' : 'integer';
  }

  /** Where a field has its values of a column's type; OVERFLOW for a field that is not listed. */
  placeOf(name: string, type: FieldType): string {
    return this.#entries.get(name)?.places.get(type) ?? OVERFLOW;
  }

  /** What `rows` need and is not there. Changes nothing itself. */
  missing(rows: RowBuffer): Place[] {
    const missing: Place[] = [];
    let columns = this.#columns.length;
    let names = this.#entries.size;
    for (const { name, types } of rows.columns.values()) {
      const places = this.#entries.get(name)?.places;
      if (places === undefined && names >= MAX_NAMES) {
        this.#hasUnlisted = true;
        continue;
      }
      if (places === undefined) names++;
      for (const type of new Set(typesOf(types).map((type) => this.columnType(name, type, types)))) {
        if (places?.has(type) === true) continue;
        const isOwn = columns < this.#maxColumns || CORE_FIELDS.has(name) || name === SAMPLE_RATE_FIELD;
        missing.push({ name, type, column: isOwn ? `f${columns++}` : OVERFLOW });
      }
    }
    return missing;
  }

  /** Adds columns, with their records: both are there, or neither. @param now milliseconds @throws DuckDB's error */
  async add(connection: DuckDBConnection, places: readonly Place[], now: number): Promise<void> {
    for (let from = 0; from < places.length; ) {
      const own = places.slice(from, from + TRANSACTION_COLUMNS).some(({ column }) => column !== OVERFLOW);
      const group = places.slice(from, own ? from + TRANSACTION_COLUMNS : undefined);
      from += group.length;
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

  /** Notes that rows wrote their fields at `now` (milliseconds). @returns pairs of dataset and field that are new, or of a new type */
  touch(rows: RowBuffer, now: number): DatasetField[] {
    const changed: DatasetField[] = [];
    for (const { name, datasets, types: together } of rows.columns.values()) {
      const entry = this.#entries.get(name);
      if (entry === undefined) continue;
      entry.lastWritten = now;
      for (const [dataset, given] of datasets) {
        let types = 0;
        for (const type of typesOf(given)) types |= TYPE_BIT[this.columnType(name, type, together)];
        if (this.#note(dataset, name, types, now)) changed.push([dataset, name, types, now]);
      }
    }
    return changed;
  }

  /** Saves when each dataset wrote each of its fields last. */
  async save(connection: DuckDBConnection): Promise<void> {
    const pairs = [...this.#datasets].flatMap(([dataset, fields]) =>
      [...fields].map(([name, { types, lastWritten }]): DatasetField => [dataset, name, types, lastWritten]),
    );
    await inTransaction(connection, async () => {
      await connection.run('DELETE FROM dataset_fields');
      await saveDatasetFields(connection, pairs);
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

  /** What a person should know, one sentence each. */
  notices(): string[] {
    return [
      this.#overflowing > 0 &&
        `${this.#overflowing} fields beyond the first ${this.#maxColumns} share one column: they can be queried, slower.`,
      this.#hasUnlisted &&
        'Too many different field names: some are kept with their spans only and cannot be queried.',
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
    if (entry.places.size === 0 && column === OVERFLOW) this.#overflowing++;
    entry.places.set(type, column);
    this.#entries.set(name, entry);
    if (column !== OVERFLOW) this.#columns.push(place);
    this.#named = undefined;
  }

  /** Notes what a dataset wrote. Whether that is new. */
  #note(dataset: string, name: string, types: number, now: number): boolean {
    const fields = this.#datasets.get(dataset) ?? new Map<string, Written>();
    const known = fields.get(name);
    if (known !== undefined) {
      known.lastWritten = now;
      const isNew = (known.types | types) !== known.types;
      known.types |= types;
      return isNew;
    }
    if (!this.knowsDatasets) return false;
    this.#pairs++;
    fields.set(name, { types, lastWritten: now });
    this.#datasets.set(dataset, fields);
    const entry = this.#entries.get(name);
    if (entry !== undefined) entry.lastWritten = Math.max(entry.lastWritten, now);
    return true;
  }
}

const ALL_TYPES = 15;

/** Adds pairs of dataset and field, inside the caller's transaction; of one that is there already, the types of both count. */
export async function saveDatasetFields(
  connection: DuckDBConnection,
  pairs: readonly DatasetField[],
): Promise<void> {
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

/** The types of a mask of TYPE_BITs. */
export function typesOf(types: number): readonly FieldType[] {
  return (Object.keys(TYPE_BIT) as FieldType[]).filter((type) => (types & TYPE_BIT[type]) !== 0);
}

/** A field as those read it that wrote these types: integers and floats as floats, any other mix as text. */
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

/** Numbers become the text that JavaScript gives them. */
function castSql(sql: string, from: FieldType, to: FieldType): string {
  if (from === to) return sql;
  if (from === 'float' && to === 'string')
    return `CASE WHEN ${sql} = trunc(${sql}) AND abs(${sql}) < 1e15 THEN CAST(CAST(${sql} AS BIGINT) AS VARCHAR) ELSE CAST(${sql} AS VARCHAR) END`;
  return `CAST(${sql} AS ${SQL_TYPES[to]})`;
}

/** What a field's name is in the text of a JSON object. */
export function jsonKey(name: string): string {
  return `${JSON.stringify(name)}:`;
}

/**
 * A JSON Pointer (RFC 6901) in an SQL literal: of the ways DuckDB reads JSON, the one that takes any key. Objects without
 * the key in their text are not parsed, which takes twice as long as looking for it.
 */
function overflowSql(name: string, type: FieldType): string {
  const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const text = `CASE WHEN contains("${OVERFLOW}", ${literal(jsonKey(name))}) THEN json_extract_string("${OVERFLOW}", ${literal(pointer)}) END`;
  return type === 'string' ? text : `TRY_CAST(${text} AS ${SQL_TYPES[type]})`;
}
