import type { DuckDBConnection } from '@duckdb/node-api';
import type { FieldType } from '../fields/field-type.ts';
import { appenderTo } from './database.ts';
import type { FieldCatalogue } from './field-catalogue.ts';
import { columnField, jsonField, SPILL_COLUMN } from './field-catalogue.ts';
import { inTransaction } from './transaction.ts';

/** Reads the catalogue back from the file. */
export async function loadCatalogue(connection: DuckDBConnection, catalogue: FieldCatalogue): Promise<void> {
  const fields = await connection.runAndReadAll(
    `SELECT name, "column", type, created, last_written FROM fields
     ORDER BY CAST(substr("column", 2) AS INTEGER) NULLS LAST`,
  );
  for (const [name, column, type, created, lastWritten] of fields.getRows()) {
    const of = [String(name), type as FieldType] as const;
    const at = String(column ?? SPILL_COLUMN);
    const field = at.startsWith('f')
      ? columnField(...of, Number(at.slice(1)), Number(created))
      : jsonField(...of, at, Number(created));
    field.lastWritten = Number(lastWritten);
    catalogue.load(field);
  }
  const datasetFields = await connection.runAndReadAll(
    'SELECT dataset, name, last_written FROM dataset_fields',
  );
  for (const [dataset, name, lastWritten] of datasetFields.getRows()) {
    catalogue.touchDataset(String(dataset), String(name), Number(lastWritten));
  }
}

/** Saves when each field was last written, and by which dataset. */
export async function saveLastWritten(
  connection: DuckDBConnection,
  catalogue: FieldCatalogue,
): Promise<void> {
  await connection.run('CREATE OR REPLACE TEMP TABLE written (name VARCHAR, last_written BIGINT)');
  const written = await connection.createAppender('written', 'main', 'temp');
  for (const { name, lastWritten } of catalogue.fields.values()) {
    written.appendVarchar(name);
    written.appendBigInt(BigInt(lastWritten));
    written.endRow();
  }
  written.closeSync();
  await inTransaction(connection, async () => {
    await connection.run(
      'UPDATE fields SET last_written = written.last_written FROM written WHERE fields.name = written.name AND fields.last_written < written.last_written',
    );
    await connection.run('DELETE FROM dataset_fields');
    const pairs = await appenderTo(connection, 'dataset_fields');
    for (const [dataset, fields] of catalogue.datasetFields) {
      for (const [name, lastWritten] of fields) {
        pairs.appendVarchar(dataset);
        pairs.appendVarchar(name);
        pairs.appendBigInt(BigInt(lastWritten));
        pairs.endRow();
      }
    }
    pairs.closeSync();
  });
}

/** Saves pairs of dataset and field at their first appearance, inside the caller's transaction. */
export async function saveNewPairs(
  connection: DuckDBConnection,
  pairs: readonly (readonly [dataset: string, name: string])[],
  now: number,
): Promise<void> {
  if (pairs.length === 0) return;
  const appender = await appenderTo(connection, 'dataset_fields');
  for (const [dataset, name] of pairs) {
    appender.appendVarchar(dataset);
    appender.appendVarchar(name);
    appender.appendBigInt(BigInt(now));
    appender.endRow();
  }
  appender.closeSync();
}
