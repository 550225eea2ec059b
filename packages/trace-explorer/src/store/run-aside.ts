import type { DuckDBConnection } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';

/** How often it is looked whether the statement has ended. */
const LOOK_MS = 5;
/** After which the calling thread helps: DuckDB's own may be busy with a long query. */
const ALONE_MS = 1000;

/**
 * Runs a long statement on DuckDB's own thread alone. Run as others are, it is begun by that thread or by the caller's,
 * whichever is first, and the other one asks for its end without pause: beside 60,000 log records/s that is 2 to 3 µs of
 * processor time for each of them.
 * @throws DuckDB's error
 */
export async function runAside(connection: DuckDBConnection, sql: string): Promise<void> {
  const pending = await connection.start(sql);
  // The API would only work on the statement in this thread; to look at its state, there is a call of the bindings.
  const handle = Reflect.get(pending, 'pending_result');
  const until = performance.now() + ALONE_MS;
  while (
    duckdb.pending_execute_check_state(handle) === duckdb.PendingState.NO_TASKS_AVAILABLE &&
    performance.now() < until
  )
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  await pending.getResult();
}
