import { setTimeout as sleep } from 'node:timers/promises';
import { runWork, Work } from '@tandem/service-kit';
import type { Kysely } from 'kysely';
import type { ActivitiesSchema } from '../database.ts';

/** Time between two looks for what has expired. */
const INTERVAL_MS = 60_000;
/** Rows of one batch: SQLite deletes them within a few milliseconds, during which nothing else runs. */
const BATCH_ROWS = 200;
/** Time for one batch; past it, it is rolled back and tried again later. */
const BATCH_TIMEOUT_MS = 5000;
/** Time for requests between two batches. */
const PAUSE_MS = 20;

/**
 * Deletes what has expired, at once and then every minute, in small batches. Failures are reported, and it is tried again.
 * @returns a function that stops it, and resolves when the batch in work is done
 */
export function purgeRegularly(
  db: Kysely<ActivitiesSchema>,
  onError: (error: unknown) => void,
  now: () => Date = () => new Date(),
): () => Promise<void> {
  const stop = new AbortController();
  const { signal } = stop;
  async function purge(): Promise<void> {
    while (!signal.aborted) {
      const work = new Work(performance.now() + BATCH_TIMEOUT_MS);
      const isDone = await runWork(work, () => purgeBatch(db, now().toISOString())).then(
        (count) => count === 0,
        (error: unknown) => {
          onError(error);
          return true;
        },
      );
      await sleep(isDone ? INTERVAL_MS : PAUSE_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }
  const ended = purge();
  return () => {
    stop.abort();
    return ended;
  };
}

/**
 * Deletes some of what has expired by `now`, ISO 8601, and resolves with the number of rows; 0 when nothing is left.
 * An activity stays while it has replies that have not expired.
 */
export async function purgeBatch(db: Kysely<ActivitiesSchema>, now: string): Promise<number> {
  const keys = await db
    .selectFrom('idempotency_keys')
    .select('key')
    .where('expires_at', '<=', now)
    .orderBy('expires_at') // else a table without statistics is read instead of its index
    .limit(BATCH_ROWS)
    .execute();
  if (keys.length > 0)
    await db
      .deleteFrom('idempotency_keys')
      .where(
        'key',
        'in',
        keys.map(({ key }) => key),
      )
      .where('expires_at', '<=', now) // it may have been used anew
      .execute();
  const expired = await db
    .selectFrom('activities as a')
    .select('a.uuid')
    .where('a.expires_at', '<=', now)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('activities as r').select('r.uuid').whereRef('r.reply_to_activity_uuid', '=', 'a.uuid'),
        ),
      ),
    )
    .orderBy('a.expires_at')
    .limit(BATCH_ROWS)
    .execute();
  const uuids = expired.map(({ uuid }) => uuid);
  if (uuids.length > 0)
    await db.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('activity_recipients').where('activity_uuid', 'in', uuids).execute();
      await transaction.deleteFrom('activities').where('uuid', 'in', uuids).execute();
    });
  return keys.length + uuids.length;
}
