import type { DuckDBConnection } from '@duckdb/node-api';

/** Runs a task in a transaction of the connection; undone when the task throws. */
export async function inTransaction(connection: DuckDBConnection, task: () => Promise<void>): Promise<void> {
  await connection.run('BEGIN');
  try {
    await task();
    await connection.run('COMMIT');
  } catch (error) {
    // Fails where DuckDB ended the transaction itself; the first error is the one that says why.
    await connection.run('ROLLBACK').catch(() => {});
    throw error;
  }
}
