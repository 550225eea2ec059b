import { foldForSearch } from '@tandem/service-kit';
import { databaseVariants } from '@tandem/service-kit/testing';
import t from 'tap';
import { SeededRandom } from '../../../../packages/otlp/testing/seeded-random.ts';
import type { Position } from '../../src/activities/cursor.ts';
import type { ActivitiesRepository } from '../../src/activities/repository.ts';
import { activitiesRepository } from '../../src/activities/repository.ts';
import { NOW } from '../build-test-app.ts';
import { create, made, sharedDatabase } from './stored-activities.ts';

const now = NOW.toISOString();
const page = { now, limit: 50 };

/** Of the random terms; their numbers are the same in each run. */
const RANDOM_SEED = 20300102;

/** The uuids of all pages of a search, as somebody finds them who follows its positions. */
async function pagesOf(activities: ActivitiesRepository, term: string, limit: number): Promise<string[]> {
  const seen: string[] = [];
  let before: Position | undefined;
  for (let pages = 0; pages < 2000; pages++) {
    const { threads, searchedTo } = await activities.search({ now, limit, before }, term);
    seen.push(...threads.map(({ uuid }) => uuid));
    const last = threads.at(-1);
    before = searchedTo;
    if (last !== undefined && threads.length === limit)
      before = { createdAt: last.created_at, uuid: last.uuid };
    if (before === undefined) return seen;
  }
  throw new Error(`A search for ${term} does not come to an end.`);
}

for (const variant of databaseVariants(process.env.TEST_DATABASE_URL)) {
  const open = sharedDatabase(t, variant);

  t.test(`${variant.name}: search ignores case in any script and takes wildcards literally`, async (t) => {
    const { activities } = await open();
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
    const { activities } = await open();
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
    const { activities } = await open();
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
      const { database } = await open();
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
      const { database, activities } = await open();
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
              const seen = await pagesOf(inSlices, term, limit);
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

  t.test(`${variant.name}: random terms find what a plain look finds, page by page`, async (t) => {
    const { database, activities } = await open();
    const random = new SeededRandom(RANDOM_SEED);
    const one = <T>(...items: T[]) => random.pick(items);
    // Few letters, so that many messages have all trigrams of a term without having the term.
    const text = (length: number) => Array.from({ length }, () => one(...'aaaaabbb é%_\\🙂')).join('');
    const age = (hours: number) => random.below(60 * hours) * 60_000;
    const all = Array.from({ length: 240 }, () =>
      made(age(one(1, 30, 300)), { message: `${text(4 + random.below(20))}.` }, one(0, 1, 1, 1)),
    );
    await create(activities, ...all);
    const newestFirst = all
      .filter(({ expires_at }) => expires_at > now)
      .toSorted((a, b) => (`${a.created_at}${a.uuid}` < `${b.created_at}${b.uuid}` ? 1 : -1));
    for (let turn = 0; turn < 100; turn++) {
      const { message } = random.pick(all);
      const start = random.below(message.length);
      const part = message.slice(start, start + 1 + random.below(8));
      const term = part.isWellFormed() && random.chance(0.7) ? part : text(1 + random.below(5));
      const options = {
        searchWindow: one(3, 50),
        firstWindow: one(1, 10),
        searchBudgetMs: one(0, Number.POSITIVE_INFINITY),
        searchAllAtOnce: one(true, false),
        searchCandidates: one(1, 8),
        searchStep: one(1, 5, 512),
      };
      const limit = one(1, 4, 50);
      const found = await pagesOf(activitiesRepository(database, options), term, limit);
      const hits = newestFirst.filter((each) => foldForSearch(each.message).includes(foldForSearch(term)));
      t.same(
        found,
        hits.map(({ uuid }) => uuid),
        `${JSON.stringify({ term, limit, ...options })}, turn ${turn}`,
      );
    }
  });

  t.test(`${variant.name}: searches follow what is changed and deleted`, async (t) => {
    const { database, activities } = await open();
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
}
