import { randomUUID } from 'node:crypto';
import { databaseVariants } from '@tandem/service-kit/testing';
import type { Test } from 'tap';
import t from 'tap';
import { purge } from '../../src/activities/purge.ts';
import { activitiesRepository } from '../../src/activities/repository.ts';
import { openActivitiesDatabase } from '../../src/database.ts';
import { NOW } from '../build-test-app.ts';

const now = NOW.toISOString();
const at = (ms: number) => new Date(NOW.getTime() + ms).toISOString();

/** An activity that expires so many milliseconds after NOW. */
const living = (life: number) => ({
  uuid: randomUUID(),
  handle: 'vir',
  message: 'hello @londo',
  created_at: at(-10_000),
  expires_at: at(life),
  mentions: ['londo'],
});

for (const variant of databaseVariants(process.env.TEST_DATABASE_URL)) {
  async function open(t: Test) {
    const { location, remove } = await variant.create();
    const database = await openActivitiesDatabase(location);
    t.teardown(() => database.close().then(remove));
    const uuids = async () =>
      (await database.db.selectFrom('activities').select('uuid').execute()).map(({ uuid }) => uuid).sort();
    const recipients = async () =>
      (await database.db.selectFrom('activity_recipients').selectAll().execute()).length;
    return { db: database.db, activities: activitiesRepository(database), uuids, recipients };
  }

  t.test(`${variant.name}: expired activities are deleted with their mentions, others stay`, async (t) => {
    const { db, activities, uuids, recipients } = await open(t);
    const [kept, answered, gone] = [living(1), living(1), living(0)];
    for (const activity of [kept, answered, gone]) await activities.store(activity, null);
    const [expiredReply, livingReply] = [living(0), living(5)];
    await activities.store(expiredReply, kept.uuid);
    await activities.store(livingReply, answered.uuid);
    const expire = { expires_at: now };
    await db.updateTable('activities').set(expire).where('uuid', '=', answered.uuid).execute();

    await purge(db, now);
    const left = [kept.uuid, answered.uuid, livingReply.uuid].sort();
    t.same(await uuids(), left, 'one that lives, one with a reply that lives, that reply');
    await purge(db, at(5));
    t.same(await uuids(), []);
    t.equal(await recipients(), 0);
  });
}
