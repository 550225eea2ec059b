import { randomUUID } from 'node:crypto';
import { databaseVariants } from '@tandem/service-kit/testing';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { purgeBatch, purgeRegularly } from '../../src/activities/purge.ts';
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
    const count = async (table: 'activities' | 'activity_recipients' | 'idempotency_keys') =>
      (await database.db.selectFrom(table).selectAll().execute()).length;
    return { db: database.db, activities: activitiesRepository(database), count };
  }

  t.test(`${variant.name}: what has expired goes, with whom it mentions; what lives stays`, async (t) => {
    const { db, activities, count } = await open(t);
    const [kept, answered, gone] = [living(1), living(0), living(0)];
    for (const activity of [kept, answered, gone]) await activities.create(activity);
    await activities.reply(living(0), kept.uuid);
    // What it replies to has not expired when it is made.
    await db
      .updateTable('activities')
      .set({ expires_at: at(1) })
      .where('uuid', '=', answered.uuid)
      .execute();
    await activities.reply(living(5), answered.uuid);
    await db.updateTable('activities').set({ expires_at: now }).where('uuid', '=', answered.uuid).execute();
    for (const [key, expires_at] of [
      ['old', now],
      ['new', at(1)],
    ] as const)
      await db
        .insertInto('idempotency_keys')
        .values({ key, fingerprint: '', answer: '', expires_at })
        .execute();

    t.equal(await purgeBatch(db, now), 3);
    t.equal(await purgeBatch(db, now), 0, 'nothing is left');
    const left = await db.selectFrom('activities').select('uuid').execute();
    t.same(left.length, 3, 'one that lives, one with a reply that lives, that reply');
    t.ok(left.some(({ uuid }) => uuid === kept.uuid) && left.some(({ uuid }) => uuid === answered.uuid));
    t.same(await db.selectFrom('idempotency_keys').select('key').execute(), [{ key: 'new' }]);
    t.equal(await purgeBatch(db, at(5)), 3, 'a key, the one that lived and the reply');
    t.equal(await purgeBatch(db, at(5)), 1, 'then what it replied to');
    t.equal(await count('activity_recipients'), 0);
  });

  t.test(`${variant.name}: in the background, batch by batch, until it is stopped`, async (t) => {
    const { db, count } = await open(t);
    const { mentions: _, ...row } = living(0);
    const rows = Array.from({ length: 450 }, () => ({ ...row, uuid: randomUUID(), search_text: '' }));
    await db
      .insertInto('activities')
      .values(
        rows.map((activity) => ({
          ...activity,
          likes_count: 0,
          replies_count: 0,
          reposts_count: 0,
          reply_number: 0,
          reply_to_activity_uuid: null,
        })),
      )
      .execute();
    const stop = purgeRegularly(
      db,
      (error) => t.fail(String(error)),
      () => NOW,
    );
    await until(async () => (await count('activities')) === 0);
    await stop();
  });
}
