import { randomUUID } from 'node:crypto';
import { foldForSearch } from '@tandem/service-kit';
import { databaseVariants } from '@tandem/service-kit/testing';
import type { Test } from 'tap';
import t from 'tap';
import type { Position } from '../../src/activities/cursor.ts';
import type { ActivitiesRepository, NewActivityRecord } from '../../src/activities/repository.ts';
import { activitiesRepository } from '../../src/activities/repository.ts';
import { openActivitiesDatabase } from '../../src/database.ts';
import { seedActivities } from '../../src/seed.ts';
import { NOW } from '../build-test-app.ts';

const now = NOW.toISOString();
const HOUR = 3_600_000;

/** An activity made `age` milliseconds ago that lives for `life` more. */
function made(age: number, change: Partial<NewActivityRecord> = {}, life = HOUR): NewActivityRecord {
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

for (const variant of databaseVariants(process.env.TEST_DATABASE_URL)) {
  async function open(t: Test) {
    const { location, remove } = await variant.create();
    const database = await openActivitiesDatabase(location);
    t.teardown(() => database.close().then(remove));
    return { database, activities: activitiesRepository(database) };
  }

  async function create(activities: ActivitiesRepository, ...all: NewActivityRecord[]) {
    for (const activity of all) await activities.create(activity);
  }

  const page = { now, limit: 50 };

  t.test(`${variant.name}: home is newest first, without what has expired and without replies`, async (t) => {
    const { activities } = await open(t);
    const [old, expired, fresh] = [made(3000), made(2000, {}, 0), made(1000)];
    await create(activities, old, expired, fresh);
    t.equal(await activities.reply(made(500), old.uuid), true);
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
  });

  t.test(`${variant.name}: pages join without gap or repetition, also where times are equal`, async (t) => {
    const { activities } = await open(t);
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
      const { activities } = await open(t);
      const parent = made(100_000);
      await create(activities, parent);
      for (let number = 1; number <= 12; number++) {
        const life = number === 11 ? 0 : HOUR;
        await activities.reply(
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
    const { activities } = await open(t);
    const parent = made(1000);
    await create(activities, parent);
    await Promise.all(Array.from({ length: 8 }, () => activities.reply(made(0), parent.uuid)));
    const thread = await activities.find(parent.uuid, now);
    t.equal(thread?.replies_count, 8);
    t.equal(thread?.replies.length, 8);
  });

  t.test(
    `${variant.name}: nothing can be found of, or replied to, what has expired or never was`,
    async (t) => {
      const { activities } = await open(t);
      const expired = made(5000, {}, -1000);
      await create(activities, expired);
      t.equal(await activities.find(expired.uuid, now), undefined);
      t.equal(await activities.reply(made(0), expired.uuid), false);
      t.equal(await activities.reply(made(0), randomUUID()), false);
      t.same(await activities.byHandle(page, 'bayko'), []);
    },
  );

  t.test(`${variant.name}: people are notified of mentions and replies, not of their own`, async (t) => {
    const { activities } = await open(t);
    const mention = made(3000, { handle: 'worf', mentions: ['bayko', 'bayko', 'zed'] });
    const own = made(2500, { mentions: ['bayko'] });
    await create(activities, mention, own);
    const reply = made(1000, { handle: 'zed', mentions: ['worf'] });
    await activities.reply(reply, own.uuid);
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
  });

  t.test(`${variant.name}: search ignores case in any script and takes wildcards literally`, async (t) => {
    const { activities } = await open(t);
    const messages = ['100 % sure', 'a_b', 'axb', 'ÜBERRASCHUNG', "it's \\ fine; drop table activities; --"];
    await create(activities, ...messages.map((message) => made(0, { message })));
    const found = async (term: string) =>
      (await activities.search(page, term)).threads.map(({ message }) => message);
    t.same(await found('%'), ['100 % sure']);
    t.same(await found('A_B'), ['a_b']);
    t.same(await found('überraschung'), ['ÜBERRASCHUNG']);
    t.same(await found("'s \\ FINE; drop"), [messages[4]]);
    t.equal((await found('nothing like it')).length, 0);
  });

  t.test(`${variant.name}: search finds what holds the term, whatever the term is`, async (t) => {
    const { activities } = await open(t);
    const messages = [
      'Über den Wolken: 100 % sure, a_b "quoted" it\'s \\ fine',
      'near(a b) AND or NOT "x" * ^ : - + {col} (paren',
      'ΣΊΣΥΦΟΣ ﬁne ＡＢＣ İstanbul ﷺ',
      '日本語のメッセージ 🙂🙃👩‍👩‍👧 e\u0301te\u0301',
      'one\ntwo\ttabs  two spaces; drop table activities; --',
      ...['"""', '%%%', '___', "'''", '\\\\\\', 'aaaa', 'ab', 'b', '...', '🙂', 'null'],
    ];
    // Three at a time are made in the same millisecond.
    const all = messages.map((message, index) => made(Math.floor(index / 3), { message }));
    await create(activities, ...all);
    const newestFirst = all.toSorted((a, b) =>
      `${a.created_at}${a.uuid}` < `${b.created_at}${b.uuid}` ? 1 : -1,
    );
    const terms = new Set(['nothing like it', 'zz', 'aaaaa', '""""', 'x" OR "a', 'and', 'two\n', 'b\nb']);
    for (const message of messages)
      for (const length of [1, 2, 3, 4, 7, 64])
        for (let start = 0; start < message.length; start += 2) {
          const term = message.slice(start, start + length);
          if (term.isWellFormed()) terms.add(term).add(term.toUpperCase());
        }
    t.ok(terms.size > 300, `${terms.size} terms`);
    const wrong: string[] = [];
    for (const term of terms) {
      const expected = newestFirst.filter(({ message }) =>
        foldForSearch(message).includes(foldForSearch(term)),
      );
      const { threads, searchedTo } = await activities.search(page, term);
      const uuids = (list: readonly { uuid: string }[]) => list.map(({ uuid }) => uuid).join();
      if (uuids(threads) !== uuids(expected) || searchedTo !== undefined) wrong.push(term);
    }
    t.same(wrong, []);
  });

  t.test(`${variant.name}: pages of a search join, also where times are equal`, async (t) => {
    const { activities } = await open(t);
    const all = Array.from({ length: 13 }, (_, index) => made(Math.floor(index / 5), { message: 'needle' }));
    await create(activities, ...all, made(1, { message: 'hay' }));
    for (const term of ['needle', 'n']) {
      const seen: string[] = [];
      let before: Position | undefined;
      for (let pages = 0; pages < 6; pages++) {
        const { threads } = await activities.search({ now, limit: 3, before }, term);
        seen.push(...threads.map(({ uuid }) => uuid));
        const last = threads.at(-1);
        if (last !== undefined) before = { createdAt: last.created_at, uuid: last.uuid };
      }
      t.same(
        seen,
        (await activities.search(page, term)).threads.map(({ uuid }) => uuid),
      );
      t.equal(seen.length, 13);
    }
  });

  t.test(
    `${variant.name}: a search that no index serves reads some rows at a time, and says so`,
    async (t) => {
      const { database } = await open(t);
      const activities = activitiesRepository(database, { searchWindow: 5 });
      const all = Array.from({ length: 23 }, (_, age) =>
        made(age, { message: age % 9 === 8 ? 'é!' : 'hay' }),
      );
      await create(activities, ...all);
      const pages: number[] = [];
      let before: Position | undefined;
      for (let turn = 0; turn < 10; turn++) {
        const { threads, searchedTo } = await activities.search({ ...page, before }, 'É');
        pages.push(threads.length);
        before = searchedTo;
        if (before === undefined) break;
      }
      t.same(pages, [0, 1, 0, 1, 0], 'the ages 8 and 17, each in its window of five');
      const full = await activities.search({ now, limit: 2 }, 'A');
      t.same(
        full.threads.map(({ uuid }) => uuid),
        all.slice(0, 2).map(({ uuid }) => uuid),
      );
      t.equal(full.searchedTo, undefined, 'a full page goes on where it ends');
    },
  );

  t.test(
    `${variant.name}: a search in slices finds each hit once, in order, as a plain look does`,
    async (t) => {
      const { database, activities } = await open(t);
      const messages = [
        'needle 100 % a_b \\ é',
        'NEEDLE 🙂🙃 日本語',
        'hay',
        'needles and Überraschung',
        'a_bc \\\\ %%% nee dle 🙂',
      ];
      const times = [
        ['2030-01-02T03:00:00.000Z', 3],
        ['2030-01-02T00:00:00.000Z', 3],
        ['2030-01-01T23:59:59.999Z', 2],
        ['2030-01-01T00:00:00.000Z', 6],
        ['2029-12-31T12:00:00.000Z', 2],
        ['2029-12-30T00:00:00.000Z', 3],
        ['2029-12-20T00:00:00.000Z', 4],
        ['2029-12-19T23:59:59.999Z', 3],
        ['2029-12-01T00:00:00.000Z', 3],
        ['2029-02-28T12:34:56.789Z', 5],
      ] as const;
      const all = times.flatMap(([created_at, ties], day) =>
        Array.from({ length: ties }, (_, tie) =>
          // What expires now is left out, what does so a millisecond later is not.
          made(
            0,
            { created_at, message: messages[(day + 2 * tie) % 5] ?? '' },
            tie === 1 && day % 2 === 0 ? 0 : 1,
          ),
        ),
      );
      // Not in the order of their times: SQLite's numbers are only about so.
      await create(activities, ...all.toSorted((a, b) => (a.uuid < b.uuid ? 1 : -1)));
      const newestFirst = all
        .filter(({ expires_at }) => expires_at > now)
        .toSorted((a, b) => (`${a.created_at}${a.uuid}` < `${b.created_at}${b.uuid}` ? 1 : -1));
      const any = Number.POSITIVE_INFINITY;
      for (const searchBudgetMs of [0, any])
        for (const firstWindow of [1, 4]) {
          const bounds = {
            searchWindow: firstWindow,
            searchCandidates: firstWindow,
            searchStep: 2,
            searchAllAtOnce: firstWindow === 1,
          };
          const options = { searchBudgetMs, firstWindow, ...bounds };
          const inSlices = activitiesRepository(database, options);
          for (const limit of [1, 3, 50])
            for (const term of [
              'needle',
              'NEE',
              'Le',
              'e',
              '%',
              '%%%',
              'a_b',
              'a_bc',
              '\\',
              '🙂',
              '🙂🙃日',
              '本語',
              'überr',
              'é',
              'nothing',
              'hay',
            ]) {
              const seen: string[] = [];
              let before: Position | undefined;
              for (let pages = 0; pages < 200; pages++) {
                const { threads, searchedTo } = await inSlices.search({ now, limit, before }, term);
                seen.push(...threads.map(({ uuid }) => uuid));
                const last = threads.at(-1);
                before = searchedTo;
                if (last !== undefined && threads.length === limit)
                  before = { createdAt: last.created_at, uuid: last.uuid };
                if (before === undefined) break;
              }
              t.equal(before, undefined, 'it comes to an end');
              const hits = newestFirst.filter(({ message }) =>
                foldForSearch(message).includes(foldForSearch(term)),
              );
              t.same(
                seen,
                hits.map(({ uuid }) => uuid),
                `${term}, ${JSON.stringify({ ...options, limit })}`,
              );
            }
        }
    },
  );

  t.test(`${variant.name}: searches follow what is changed and deleted`, async (t) => {
    const { database, activities } = await open(t);
    const [first, second] = [made(5, { message: 'needle one' }), made(5, { message: 'needle two' })];
    await create(activities, first, second);
    const found = async (term: string) =>
      (await activities.search(page, term)).threads.map(({ message }) => message);
    const { db } = database;
    const change = (values: { created_at?: string; search_text?: string }) =>
      db.updateTable('activities').set(values).where('uuid', '=', first.uuid).execute();
    await change({ created_at: made(1).created_at });
    t.same(await found('needle'), ['needle one', 'needle two']);
    await change({ search_text: 'pin' });
    t.same(await found('needle'), ['needle two']);
    t.same(await found('pin'), ['needle one']);
    await db.deleteFrom('activities').where('uuid', '=', second.uuid).execute();
    t.same(await found('needle'), []);
    t.same(await found('pin'), ['needle one']);
    await db.deleteFrom('activities').execute();
    if (variant.name === 'sqlite')
      t.same(await db.selectFrom('activities_search').select('rowid').execute(), [], 'the index is empty');
  });

  t.test(`${variant.name}: the demo data has what the screens need, and is added once`, async (t) => {
    const { database, activities } = await open(t);
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
    const { database } = await open(t);
    await seedActivities(database.db, NOW);
    const later = new Date(NOW.getTime() + 400 * 24 * 3_600_000);
    await seedActivities(database.db, later);
    const rows = await database.db.selectFrom('activities').selectAll().execute();
    t.ok(rows.filter((row) => row.expires_at > later.toISOString()).length >= 54, 'the feed is full again');
    t.equal(new Set(rows.map((row) => row.uuid)).size, rows.length);
    const times = new Map(rows.map((row) => [row.uuid, row.created_at]));
    for (const recipient of await database.db.selectFrom('activity_recipients').selectAll().execute())
      t.equal(recipient.created_at, times.get(recipient.activity_uuid), 'recipients have the new time');
  });
}
