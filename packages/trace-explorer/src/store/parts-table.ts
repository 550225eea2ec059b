import type { DuckDBConnection } from '@duckdb/node-api';
import { appenderTo } from './database.ts';
import type { PartsTable } from './parts-schema.ts';
import { MAX_INLINE_BYTES, PART_BYTES } from './parts-schema.ts';
import type { ReadOptions, ReadResult } from './types.ts';

/** Parts read by one statement: 4 MiB. */
const READ_PARTS = 1_024;

/** A piece of a large message: the parts that one transaction writes. */
export interface Piece {
  readonly id: number;
  readonly firstPart: number;
  readonly bytes: Uint8Array;
}

/** Cuts a message into pieces of at most so many bytes; whoever writes the row writes the last one with it. */
export function piecesOf(id: number, bytes: Uint8Array, maxBytes: number): Piece[] {
  const step = Math.max(1, Math.floor(maxBytes / PART_BYTES)) * PART_BYTES;
  const pieces: Piece[] = [];
  for (let from = 0; from < bytes.byteLength; from += step) {
    pieces.push({ id, firstPart: from / PART_BYTES, bytes: bytes.subarray(from, from + step) });
  }
  return pieces;
}

/** Writes pieces, inside the caller's transaction. */
export async function appendPieces(
  connection: DuckDBConnection,
  table: PartsTable,
  pieces: readonly Piece[],
): Promise<void> {
  if (pieces.length === 0) return;
  const appender = await appenderTo(connection, table);
  for (const { id, firstPart, bytes } of pieces) {
    for (let from = 0; from < bytes.byteLength; from += PART_BYTES) {
      appender.appendBigInt(BigInt(id));
      appender.appendInteger(firstPart + from / PART_BYTES);
      appender.appendBlob(bytes.subarray(from, from + PART_BYTES));
      appender.endRow();
    }
  }
  appender.closeSync();
}

type Read = (sql: string, values: readonly unknown[], options?: ReadOptions) => Promise<ReadResult>;

/** Puts a message together again, in one buffer; undefined when there are not as many bytes of it as it had, or none. */
export async function readParts(
  read: Read,
  table: PartsTable,
  id: number,
  byteLength: number,
): Promise<Uint8Array | undefined> {
  const message = Buffer.allocUnsafeSlow(byteLength);
  let found = 0;
  for (let from = 0; from * PART_BYTES < byteLength; from += READ_PARTS) {
    const { rows } = await read(
      `SELECT part, bytes FROM ${table} WHERE id = $1 AND part >= $2 AND part < $3`,
      [id, from, from + READ_PARTS],
    );
    for (const [part, bytes] of rows) {
      message.set(bytes as Uint8Array, Number(part) * PART_BYTES);
      found += (bytes as Uint8Array).byteLength;
    }
    if (rows.length === 0) break;
  }
  return found > 0 && found === byteLength ? message : undefined;
}

/** Bytes of a message that is in parts; 0 when it has none. */
export async function bytesInParts(read: Read, table: PartsTable, id: number): Promise<number> {
  const { rows } = await read(
    `SELECT coalesce(sum(octet_length(bytes)), 0)::BIGINT FROM ${table} WHERE id = $1`,
    [id],
  );
  return Number(rows[0]?.[0] ?? 0);
}

/** Whether there are large spans that are whole in their rows, as stores were written before there were parts. */
export async function hasLargeRows(connection: DuckDBConnection): Promise<boolean> {
  const found = await connection.runAndReadAll(
    `SELECT 1 FROM spans WHERE _bytes > ${MAX_INLINE_BYTES} AND _seq NOT IN (SELECT id FROM span_parts) LIMIT 1`,
  );
  return found.currentRowCount > 0;
}

/** Deletes parts whose row was deleted, or never came to be written. */
export async function deleteOrphans(connection: DuckDBConnection): Promise<void> {
  await connection.run(
    `DELETE FROM span_parts WHERE id NOT IN (SELECT _seq FROM spans WHERE _bytes > ${MAX_INLINE_BYTES})`,
  );
  for (const table of ['resource_parts', 'scope_parts'] as const) {
    await connection.run(`DELETE FROM ${table} WHERE id NOT IN (SELECT id FROM scopes)`);
  }
}
