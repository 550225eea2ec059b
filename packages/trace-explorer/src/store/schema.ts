import type { DuckDBConnection } from '@duckdb/node-api';
import type { SchemaChange } from './field-catalogue.ts';
import { SQL_TYPES } from './field-catalogue.ts';
import type { FieldType } from './types.ts';

/** Adds and widens columns inside the caller's transaction, and records it in the `fields` table. */
export async function applySchema(
  connection: DuckDBConnection,
  changes: readonly SchemaChange[],
): Promise<void> {
  for (const { field, from } of changes) {
    if (field.column !== undefined) {
      await connection.run(
        from === undefined
          ? `ALTER TABLE spans ADD COLUMN "${field.column}" ${SQL_TYPES[field.type]}`
          : `ALTER TABLE spans ALTER "${field.column}" TYPE ${SQL_TYPES[field.type]} USING ${widened(field.column, from, field.type)}`,
      );
    }
    if (from === undefined) {
      await connection.run('INSERT INTO fields VALUES ($1, $2, $3, $4, $5)', [
        field.name,
        field.column ?? null,
        field.type,
        BigInt(field.created),
        BigInt(field.lastWritten),
      ]);
    } else {
      await connection.run('UPDATE fields SET type = $2 WHERE name = $1', [field.name, field.type]);
    }
  }
}

/** Numbers become the text that JavaScript gives them, as later values of the column are written so. */
function widened(column: string, from: FieldType, to: FieldType): string {
  if (from === 'float' && to === 'string') {
    return `CASE WHEN "${column}" = trunc("${column}") AND abs("${column}") < 1e15 THEN CAST(CAST("${column}" AS BIGINT) AS VARCHAR) ELSE CAST("${column}" AS VARCHAR) END`;
  }
  return `CAST("${column}" AS ${SQL_TYPES[to]})`;
}
