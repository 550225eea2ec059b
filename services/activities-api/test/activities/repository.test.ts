import { randomUUID } from 'node:crypto';
import { databaseVariants } from '@tandem/service-kit/testing';
import t from 'tap';
import { seedActivities } from '../../src/seed.ts';
import { NOW } from '../build-test-app.ts';
import { create, made, sharedDatabase } from './stored-activities.ts';

const now = NOW.toISOString();
const HOUR_MS = 3_600_000;

for (const variant of databaseVariants(process.env.TEST_DATABASE_URL)) {
  const open = sharedDatabase(t, variant);
  const page = { now, limit: 50 };

  t.test(
    `${variant.name}: home is newest first, without expired activities and without replies`,
    async (t) => {
      const { activities } = await open();
      const [old, expired, fresh] = [made(3000), made(2000, {}, 0), made(1000)];
      await create(activities, old, expired, fresh);
      t.ok(await activities.store(made(500), old.uuid));
      const threads = await activities.home(page);
      t.same(
        threads.map(({ uuid }) => uuid),
        [fresh.uuid, old.uuid],
      );
      t.match(threads[1], { replies_count: 1, replies: [{ message: 'made 500 ms ago' }] });
      t.match(threads[0], {
        replies_count: 0,
        replies: [],
        handle: 'bayko',
        likes_count: 0,
        expires_at: fresh.expires_at,
      });
    },
  );

  t.test(`${variant.name}: pages join without gap or repetition, also where times are equal`, async (t) => {
    const { activities } = await open();
    const all = Array.from({ length: 23 }, (_, index) => made(1000 * Math.floor(index / 5)));
    await create(activities, ...all);
    const seen: string[] = [];
    let last: { created_at: string; uuid: string } | undefined;
    // Six pages, and one that is empty.
    for (let pages = 0; pages < 7; pages++) {
      const before = last && { createdAt: last.created_at, uuid: last.uuid };
      const threads = await activities.home({ now, limit: 4, before });
      seen.push(...threads.map(({ uuid }) => uuid));
      last = threads.at(-1);
    }
    t.equal(last, undefined, 'the last page is empty');
    t.equal(seen.length, 23);
    t.equal(new Set(seen).size, 23);
    t.same(
      seen,
      (await activities.home(page)).map(({ uuid }) => uuid),
    );
  });

  t.test(
    `${variant.name}: a page shows the latest ten replies, oldest first, one activity alone shows all`,
    async (t) => {
      const { activities } = await open();
      const parent = made(100_000);
      await create(activities, parent);
      for (let number = 1; number <= 12; number++) {
        const life = number === 11 ? 0 : HOUR_MS;
        await activities.store(
          made(90_000 - number * 1000, { message: `reply ${number}` }, life),
          parent.uuid,
        );
      }
      const [thread] = await activities.home(page);
      t.equal(thread?.replies_count, 12);
      t.same(
        thread?.replies.map(({ message }) => message),
        [3, 4, 5, 6, 7, 8, 9, 10, 12].map((n) => `reply ${n}`),
      );
      t.equal((await activities.find(parent.uuid, now))?.replies.length, 11);
    },
  );

  t.test(`${variant.name}: replies that arrive together are all counted`, async (t) => {
    const { activities } = await open();
    const parent = made(1000);
    await create(activities, parent);
    await Promise.all(Array.from({ length: 8 }, () => activities.store(made(0), parent.uuid)));
    const thread = await activities.find(parent.uuid, now);
    t.equal(thread?.replies_count, 8);
    t.equal(thread?.replies.length, 8);
  });

  t.test(`${variant.name}: expired and unknown activities are neither found nor replied to`, async (t) => {
    const { activities } = await open();
    const expired = made(5000, {}, -1000);
    await create(activities, expired);
    t.equal(await activities.find(expired.uuid, now), undefined);
    t.equal(await activities.store(made(0), expired.uuid), undefined);
    t.equal(await activities.store(made(0), randomUUID()), undefined);
    t.same(await activities.byHandle(page, 'bayko'), []);
  });

  t.test(
    `${variant.name}: users are notified of mentions and replies by others, not of their own`,
    async (t) => {
      const { activities } = await open();
      const mention = made(3000, { handle: 'worf', mentions: ['bayko', 'bayko', 'zed'] });
      const own = made(2500, { mentions: ['bayko'] });
      await create(activities, mention, own);
      const reply = made(1000, { handle: 'zed', mentions: ['worf'] });
      await activities.store(reply, own.uuid);
      const notified = async (handle: string) =>
        (await activities.notifications(page, handle)).map(({ uuid }) => uuid);
      t.same(await notified('bayko'), [reply.uuid, mention.uuid]);
      t.same(await notified('worf'), [reply.uuid]);
      t.same(await notified('zed'), [mention.uuid]);
      t.same(await notified('ada'), []);
      const before = { createdAt: reply.created_at, uuid: reply.uuid };
      t.same(
        (await activities.notifications({ ...page, before }, 'bayko')).map(({ uuid }) => uuid),
        [mention.uuid],
      );
    },
  );

  t.test(
    `${variant.name}: a search finds a part of a message, in any case, with wildcards as they are`,
    async (t) => {
      const { activities } = await open();
      const [upper, percent, other] = [
        made(3000, { message: 'ÜBER the Moon' }),
        made(2000, { message: '100 % of_it' }),
        made(1000, { message: 'nothing' }),
      ];
      await create(activities, upper, percent, other);
      await activities.store(made(500, { message: 'over the moon' }), other.uuid);
      const found = async (term: string, limit = 50) =>
        (await activities.search({ now, limit }, term)).map(({ message }) => message);
      t.same(await found('MOON'), ['over the moon', 'ÜBER the Moon'], 'newest first, replies too');
      t.same(await found('moon', 1), ['over the moon']);
      t.same(await found('über'), ['ÜBER the Moon']);
      t.same(await found('%'), ['100 % of_it']);
      t.same(await found('f_i'), ['100 % of_it']);
      t.same(await found("' or '1'='1"), []);
      const before = { createdAt: percent.created_at, uuid: percent.uuid };
      t.same((await activities.search({ now, limit: 50, before }, 'o')).length, 1, 'only what is older');
    },
  );

  t.test(`${variant.name}: the demo data has what the screens need, and is added once`, async (t) => {
    const { database, activities } = await open();
    await seedActivities(database.db, NOW);
    const first = await database.db.selectFrom('activities').selectAll().orderBy('uuid').execute();
    await seedActivities(database.db, new Date(NOW.getTime() + 1000));
    t.same(await database.db.selectFrom('activities').selectAll().orderBy('uuid').execute(), first);
    const replies = first.filter((row) => row.reply_to_activity_uuid !== null);
    const expired = first.filter((row) => row.expires_at <= now);
    t.ok(first.length - replies.length >= 60, 'activities');
    t.ok(replies.length >= 20, 'replies');
    t.ok(expired.length >= 5, 'expired ones');
    t.ok(new Set(first.map((row) => row.handle)).size >= 12, 'authors');
    t.ok(
      new Set(first.map((row) => Date.parse(row.expires_at) - Date.parse(row.created_at))).size >= 3,
      'expiries',
    );
    t.ok(
      first.every((row) => row.created_at < now),
      'none from the future',
    );
    t.ok((await activities.notifications(page, 'bayko')).length > 0, 'mentions');
    for (const row of first.filter((one) => one.replies_count > 0))
      t.equal(replies.filter((reply) => reply.reply_to_activity_uuid === row.uuid).length, row.replies_count);
  });

  t.test(`${variant.name}: demo data that has expired comes back with new times`, async (t) => {
    const { database } = await open();
    await seedActivities(database.db, NOW);
    const later = new Date(NOW.getTime() + 400 * 24 * 3_600_000);
    await seedActivities(database.db, later);
    const rows = await database.db.selectFrom('activities').selectAll().execute();
    t.ok(rows.filter((row) => row.expires_at > later.toISOString()).length >= 54, 'the feed is full again');
    t.equal(new Set(rows.map((row) => row.uuid)).size, rows.length);
  });
}
