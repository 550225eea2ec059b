import type { DuckDBConnection } from '@duckdb/node-api';
import type { FieldType } from '../fields/field-type.ts';
import { compressionOf } from './compression.ts';
import { appenderTo } from './database.ts';
import type { CatalogueField, FieldCatalogue, SchemaChange } from './field-catalogue.ts';
import { SQL_TYPES } from './field-catalogue.ts';
import { inTransaction } from './transaction.ts';

/**
 * Column changes of one transaction. Until it commits, DuckDB keeps a version of the table for each of them:
 * 2,000 new columns in one transaction took 1.3 GB.
 */
const TRANSACTION_CHANGES = 32;

/**
 * Adds and widens columns and records them in the `fields` table, in transactions of its own: a column and its
 * record are there together or not at all, and the catalogue knows of what was committed should a later one fail.
 */
export async function applySchema(
  connection: DuckDBConnection,
  catalogue: FieldCatalogue,
  changes: readonly SchemaChange[],
): Promise<void> {
  const groups = [changes.filter(({ field }) => field.spilled)];
  const altering = changes.filter(({ field }) => !field.spilled);
  for (let from = 0; from < altering.length; from += TRANSACTION_CHANGES) {
    groups.push(altering.slice(from, from + TRANSACTION_CHANGES));
  }
  for (const group of groups) {
    if (group.length === 0) continue;
    await inTransaction(connection, () => applyChanges(connection, group));
    catalogue.apply(group);
  }
}

async function applyChanges(connection: DuckDBConnection, changes: readonly SchemaChange[]): Promise<void> {
  for (const { field, from, addsColumn } of changes) {
    const { column, type, isInJson } = field;
    if (addsColumn) {
      await connection.run(
        `ALTER TABLE spans ADD COLUMN "${column}" ${SQL_TYPES[isInJson ? 'string' : type]}${isInJson ? '' : compressionOf(field.name)}`,
      );
    }
    if (from !== undefined && !isInJson) {
      await connection.run(
        `ALTER TABLE spans ALTER "${column}" TYPE ${SQL_TYPES[type]} USING ${widened(column, from, type)}`,
      );
    }
    if (from !== undefined) {
      await connection.run('UPDATE fields SET type = $2 WHERE name = $1', [field.name, field.type]);
    }
  }
  const added = changes.filter(({ from }) => from === undefined);
  await recordFields(
    connection,
    added.map(({ field }) => field),
  );
}

/** Writes fields into their table. With an appender: the 8,000 fields beyond the limit of a hostile batch would be as many statements. */
export async function recordFields(
  connection: DuckDBConnection,
  fields: readonly CatalogueField[],
): Promise<void> {
  const appender = await appenderTo(connection, 'fields');
  for (const { name, column, spilled, type, created, lastWritten } of fields) {
    appender.appendVarchar(name);
    if (spilled) appender.appendNull();
    else appender.appendVarchar(column);
    appender.appendVarchar(type);
    appender.appendBigInt(BigInt(created));
    appender.appendBigInt(BigInt(lastWritten));
    appender.endRow();
  }
  appender.closeSync();
}

/** Numbers become the text that JavaScript gives them, as later values of the column are written so. */
function widened(column: string, from: FieldType, to: FieldType): string {
  if (from === 'float' && to === 'string') {
    return `CASE WHEN "${column}" = trunc("${column}") AND abs("${column}") < 1e15 THEN CAST(CAST("${column}" AS BIGINT) AS VARCHAR) ELSE CAST("${column}" AS VARCHAR) END`;
  }
  return `CAST("${column}" AS ${SQL_TYPES[to]})`;
}
