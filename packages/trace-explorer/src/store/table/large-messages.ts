import type { DuckDBConnection } from '@duckdb/node-api';
import { MAX_INLINE_BYTES } from '../rows/row-buffer.ts';
import { appendRows } from './database.ts';

/** Bytes of a part of a large message. DuckDB can move texts of 4,096 bytes and more out of its memory. */
const PART_BYTES = 4_096;

/** Id of a scope's message in table `parts`. Spans have their `_seq`. */
export function partsId(scope: number, part: 'resource' | 'scope'): number {
  return -2 * scope - (part === 'resource' ? 0 : 1);
}

/** Writes messages that are too large for their rows, inside the caller's transaction. */
export async function saveParts(
  connection: DuckDBConnection,
  messages: readonly (readonly [id: number, message: Uint8Array])[],
): Promise<void> {
  if (messages.length === 0) return;
  await appendRows(connection, 'parts', (appender) => {
    for (const [id, message] of messages)
      for (let from = 0; from < message.byteLength; from += PART_BYTES) {
        appender.appendBigInt(BigInt(id));
        appender.appendInteger(from / PART_BYTES);
        appender.appendBlob(message.subarray(from, from + PART_BYTES));
        appender.endRow();
      }
  });
}

/** Deletes scopes, parts, and fields of datasets that no row has. */
export async function deleteOrphans(connection: DuckDBConnection): Promise<void> {
  await connection.run(
    'DELETE FROM dataset_fields WHERE dataset NOT IN (SELECT DISTINCT _dataset FROM spans)',
  );
  await connection.run('DELETE FROM scopes WHERE id NOT IN (SELECT DISTINCT _scope FROM spans)');
  await connection.run(
    `DELETE FROM parts WHERE id > 0 AND id NOT IN (SELECT _seq FROM spans WHERE _bytes > ${MAX_INLINE_BYTES})`,
  );
  await connection.run('DELETE FROM parts WHERE id < 0 AND (-id) // 2 NOT IN (SELECT id FROM scopes)');
}
