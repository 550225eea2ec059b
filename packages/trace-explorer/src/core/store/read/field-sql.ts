import type { Field } from '../table/field.ts';

/** The first of several fields that a row has, as text. A single column stays alone, so that DuckDB can skip rows by it. */
export function firstField(fields: ReadonlyMap<string, Field>, ...names: readonly string[]): string {
  const [first, ...others] = names
    .filter((name) => fields.has(name))
    .map((name) => readField(fields, name, 'VARCHAR'));
  if (first === undefined) return 'CAST(NULL AS VARCHAR)';
  return others.length === 0 ? first : `coalesce(${[first, ...others].join(', ')})`;
}

/** A field as an SQL value of a type; NULL when no row has the field. */
export function readField(fields: ReadonlyMap<string, Field>, name: string, type: string): string {
  const field = fields.get(name);
  if (field === undefined) return `CAST(NULL AS ${type})`;
  const native = { string: 'VARCHAR', integer: 'BIGINT', float: 'DOUBLE', boolean: 'BOOLEAN' }[field.type];
  return native === type ? field.sql : `TRY_CAST(${field.sql} AS ${type})`;
}
