import type { DuckDBConnection } from '@duckdb/node-api';

/**
 * Up to where the database has what is in the journal, as the `_seq` that all its rows are below. It is written in the
 * transaction of the rows, so that a replay takes what is missing and nothing else.
 */
export async function createPositionTable(connection: DuckDBConnection): Promise<void> {
  await connection.run('CREATE TABLE IF NOT EXISTS journal_position (next_seq BIGINT)');
}

/** The position, and never one below a row: a store of an earlier version has no position. */
export async function loadPosition(connection: DuckDBConnection): Promise<number> {
  const found = await connection.runAndReadAll(
    'SELECT greatest((SELECT coalesce(max(next_seq), 1) FROM journal_position), (SELECT coalesce(max(_seq), 0) + 1 FROM spans))',
  );
  const position = Number(found.getRows()[0]?.[0] ?? 1);
  await connection.run('DELETE FROM journal_position');
  await connection.run('INSERT INTO journal_position VALUES ($1)', [BigInt(position)]);
  return position;
}

/** Moves the position, inside the caller's transaction. */
export async function savePosition(connection: DuckDBConnection, nextSeq: number): Promise<void> {
  await connection.run('UPDATE journal_position SET next_seq = $1', [BigInt(nextSeq)]);
}
