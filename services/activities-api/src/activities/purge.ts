import type { Kysely } from 'kysely';
import type { ActivitiesSchema } from '../database.ts';

const INTERVAL_MS = 60_000;

/** Deletes expired activities every minute. After a failure, `onError` is called, and the next minute tries again. */
export function purgeRegularly(db: Kysely<ActivitiesSchema>, onError: (error: unknown) => void): void {
  setInterval(() => purge(db, new Date().toISOString()).catch(onError), INTERVAL_MS).unref();
}

/**
 * Deletes activities that have expired by `now` (ISO 8601), with their notifications. An activity stays while it has
 * replies that have not expired.
 */
export async function purge(db: Kysely<ActivitiesSchema>, now: string): Promise<void> {
  await db
    .deleteFrom('activities')
    .where('expires_at', '<=', now)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('activities as r')
            .select('r.uuid')
            .whereRef('r.reply_to_activity_uuid', '=', 'activities.uuid')
            .where('r.expires_at', '>', now),
        ),
      ),
    )
    .execute();
}
