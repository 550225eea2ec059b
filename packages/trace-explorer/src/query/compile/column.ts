import type { FieldType } from '../../fields/field-type.ts';

/** Something a query reads per row: a stored field or a calculated one. */
export interface Column {
  /** An SQL expression over table `spans`, without user text in it. */
  readonly sql: string;
  readonly type: FieldType;
  /** True where no NaN or infinity can be: looking for them takes 3 ms per million rows. */
  readonly finite?: boolean;
}

/** Strings that read as a number; what mixed fields, stored as text, take part in calculations with. */
const NUMERIC = String.raw`^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$`;

/**
 * The column as DOUBLE: strings that read as a number count as that number, all others are NULL, and so
 * are booleans. One mention of the expression, so that nesting does not grow the statement exponentially.
 */
export function numericSql(column: Column): string {
  switch (column.type) {
    case 'integer':
    case 'float':
      return `(${column.sql})::DOUBLE`;
    case 'string':
      return `TRY_CAST(regexp_extract(${column.sql}, '${NUMERIC}') AS DOUBLE)`;
    case 'boolean':
      return 'NULL::DOUBLE';
  }
}

/** The column as text, as JSON writes it: 1 and not 1.0 for a float; what JSON has no number for by its name in results. */
export function textSql(column: Column): string {
  switch (column.type) {
    case 'string':
      return column.sql;
    case 'float':
      return String.raw`replace(replace(regexp_replace((${column.sql})::VARCHAR, '\.0$', ''), 'nan', 'NaN'), 'inf', 'Infinity')`;
    default:
      return `(${column.sql})::VARCHAR`;
  }
}
