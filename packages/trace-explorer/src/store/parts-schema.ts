import type { DuckDBConnection } from '@duckdb/node-api';

/**
 * Bytes of a Span, Resource or Scope message that stays in its row; a larger one is kept in parts, in a table beside.
 * DuckDB holds 2,048 values of a column at a time: so many of this size are an eighth of its memory.
 */
export const MAX_INLINE_BYTES = 8_192;

/** Bytes of a part. From 4,096 on DuckDB moves them out of its memory, and back, in blocks that hold many. */
export const PART_BYTES = 4_096;

export const PARTS_TABLES = ['span_parts', 'resource_parts', 'scope_parts'] as const;

/** Parts of large messages, by the id of their row: `_seq` of `spans`, `id` of `scopes`. */
export type PartsTable = (typeof PARTS_TABLES)[number];

/** Makes the tables of a new store, and of one that was written before there were parts. */
export async function createPartsTables(connection: DuckDBConnection): Promise<void> {
  for (const table of PARTS_TABLES) {
    await connection.run(
      `CREATE TABLE IF NOT EXISTS ${table} (id BIGINT, part INTEGER, bytes BLOB USING COMPRESSION zstd)`,
    );
  }
}
