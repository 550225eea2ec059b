import type { DuckDBType } from '@duckdb/node-api';
import { BIGINT, BOOLEAN, DOUBLE, VARCHAR } from '@duckdb/node-api';
import { sqlText } from '../../../lib/text/sql-text.ts';
import type { FieldType } from '../../fields/field-type.ts';
import { commonType } from '../../fields/field-type.ts';

/** One JSON object of the row's fields that have no column of their own. */
export const OVERFLOW = '_overflow';

/** One field of the store. Honeycomb calls a field a column. */
export interface Field {
  /** As sent, case-sensitive. */
  readonly name: string;
  readonly type: FieldType;
  /** SQL expression that reads the field from table `spans`. Made only by the store, so a statement may contain it. */
  readonly sql: string;
  /** True where all values are in the JSON column that further fields share. */
  readonly spilled: boolean;
  /** Milliseconds since the epoch. */
  readonly created: number;
  /** Milliseconds since the epoch. */
  readonly lastWritten: number;
}

/** A column of table `spans` for a field's values of one type. */
export interface DbColumn {
  readonly field: string;
  readonly type: FieldType;
  /** DuckDB's identifiers ignore case, so columns have other names (`f0`, `f1` …), or OVERFLOW without a column. */
  readonly name: string;
}

/** The field that some columns hold. */
export function fieldIn(
  name: string,
  columns: readonly DbColumn[],
  times: Pick<Field, 'created' | 'lastWritten'>,
): Field {
  const type = commonType(columns.map((column) => column.type));
  const own = columns.filter((column) => column.name !== OVERFLOW);
  const pieces = own.map((column) => castSql(`"${column.name}"`, column.type, type));
  if (own.length < columns.length) pieces.push(overflowSql(name, type));
  return {
    name,
    type,
    sql: pieces.length === 1 ? (pieces[0] as string) : `coalesce(${pieces.join(', ')})`,
    spilled: own.length === 0,
    created: times.created,
    // A getter, because a later write changes the time.
    get lastWritten() {
      return times.lastWritten;
    },
  };
}

/** DuckDB's types of fields. A type's text is its name in SQL. */
export const DUCKDB_TYPES: Readonly<Record<FieldType, DuckDBType>> = {
  string: VARCHAR,
  integer: BIGINT,
  float: DOUBLE,
  boolean: BOOLEAN,
};

/** Numbers become the text that JavaScript gives them. */
function castSql(sql: string, from: FieldType, to: FieldType): string {
  if (from === to) return sql;
  if (from === 'float' && to === 'string')
    return `CASE WHEN ${sql} = trunc(${sql}) AND abs(${sql}) < 1e15 THEN CAST(CAST(${sql} AS BIGINT) AS VARCHAR) ELSE CAST(${sql} AS VARCHAR) END`;
  return `CAST(${sql} AS ${DUCKDB_TYPES[to]})`;
}

/** A field's name in the text of a JSON object. */
export function jsonKey(name: string): string {
  return `${JSON.stringify(name)}:`;
}

/** SQL that reads a field from OVERFLOW by a JSON Pointer (RFC 6901). Only objects with the key in their text are parsed. */
function overflowSql(name: string, type: FieldType): string {
  const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const text = `CASE WHEN contains("${OVERFLOW}", ${sqlText(jsonKey(name))}) THEN json_extract_string("${OVERFLOW}", ${sqlText(pointer)}) END`;
  return type === 'string' ? text : `TRY_CAST(${text} AS ${DUCKDB_TYPES[type]})`;
}
