import { randomUUID } from 'node:crypto';
import type { DatabaseVariant } from '@tandem/service-kit/testing';
import type { Test } from 'tap';
import type { ActivitiesRepository, NewActivityRecord } from '../../src/activities/repository.ts';
import { activitiesRepository } from '../../src/activities/repository.ts';
import type { ActivitiesDatabase } from '../../src/database.ts';
import { openActivitiesDatabase } from '../../src/database.ts';
import { NOW } from '../build-test-app.ts';

const HOUR_MS = 3_600_000;

/** An activity that was made `age` milliseconds ago and expires `life` milliseconds from now. */
export function made(
  age: number,
  change: Partial<NewActivityRecord> = {},
  life = HOUR_MS,
): NewActivityRecord {
  return {
    uuid: randomUUID(),
    handle: 'bayko',
    message: `made ${age} ms ago`,
    created_at: new Date(NOW.getTime() - age).toISOString(),
    expires_at: new Date(NOW.getTime() + life).toISOString(),
    mentions: [],
    ...change,
  };
}

/** Stores activities, one after the other. */
export async function create(activities: ActivitiesRepository, ...all: NewActivityRecord[]): Promise<void> {
  for (const activity of all) await activities.store(activity, null);
}

/**
 * A database for all tests of a file, because its migrations take a quarter of a second on PostgreSQL.
 * @returns a function that empties the database for the next test
 */
export function sharedDatabase(
  t: Test,
  variant: DatabaseVariant,
): () => Promise<{ database: ActivitiesDatabase; activities: ActivitiesRepository }> {
  const opening = variant.create().then(async ({ location, remove }) => {
    const database = await openActivitiesDatabase(location);
    t.teardown(() => database.close().then(remove));
    return database;
  });
  return async function empty() {
    const database = await opening;
    for (const table of ['activity_recipients', 'activities'] as const)
      await database.db.deleteFrom(table).execute();
    return { database, activities: activitiesRepository(database) };
  };
}
