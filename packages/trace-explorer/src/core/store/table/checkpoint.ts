import { setTimeout as sleep } from 'node:timers/promises';
import { says } from '../store-error.ts';
import type { Database } from './database.ts';

/** A query that began before the last commit prevents a checkpoint. While one waits, no query takes longer (see `read-job.ts`). */
const LONGEST_QUERY_MS = 35_000;
const TRY_AGAIN_MS = 20;

/**
 * Makes a checkpoint as soon as no query is in its way.
 * @param write makes it, or throws
 * @param isSkipped whether it is not made at all while a query is in its way
 * @returns false when it was skipped
 * @throws DuckDB's error
 */
export async function makeCheckpoint(
  database: Pick<Database, 'hasCheckpointWaiting'>,
  write: () => Promise<void>,
  isSkipped: boolean,
): Promise<boolean> {
  const end = performance.now() + LONGEST_QUERY_MS;
  try {
    for (;;) {
      try {
        await write();
        return true;
      } catch (error) {
        if (!says(error, 'prevented') || performance.now() >= end) throw error;
        if (isSkipped) return false;
        database.hasCheckpointWaiting = true;
        await sleep(TRY_AGAIN_MS);
      }
    }
  } finally {
    database.hasCheckpointWaiting = false;
  }
}
