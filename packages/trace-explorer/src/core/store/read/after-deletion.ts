import type { DbColumn } from '../table/field.ts';
import { DUCKDB_TYPES } from '../table/field.ts';

/**
 * A statement that was made before everything was deleted, in the form that reads what was there right after the deletion: no
 * rows, with the columns that the statement names.
 * @param gone by name, the columns that were deleted with their table
 */
export function afterDeletion(sql: string, gone: ReadonlyMap<string, DbColumn>): string {
  const names = new Set(Array.from(sql.matchAll(/"(f\d+)"/gu), ([, name = '']) => name));
  const columns = [...names].flatMap((name) => {
    const type = gone.get(name)?.type;
    return type === undefined ? [] : [`CAST(NULL AS ${DUCKDB_TYPES[type]}) AS "${name}"`];
  });
  return `WITH spans AS (SELECT ${['*', ...columns].join()} FROM main.spans WHERE false) SELECT * FROM (${sql})`;
}
