import type { FieldType } from '../../fields/field-type.ts';

/** A column that a query reads per row: a stored field or a calculated field. */
export interface Column {
  /** An SQL expression over table `spans`, without user text in it. */
  readonly sql: string;
  readonly type: FieldType;
  /** True when no value is NaN or infinite. The check for such values takes 3 ms per million rows. */
  readonly finite?: boolean;
}

/** The form of strings that count as numbers. Calculations use this form for mixed fields, which are stored as text. */
const NUMERIC = String.raw`^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$`;

/**
 * The column as DOUBLE. A string in the form of a number counts as this number. All other strings and booleans are NULL. The
 * SQL mentions the expression once, so that nesting does not grow the statement exponentially.
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

/** The column as JSON writes it: 1 and not 1.0 for a float. A value without a JSON number has its name in results. */
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
