import { randomUUID } from 'node:crypto';
import { costlySteps, databaseVariants, recordStatements } from '@tandem/service-kit/testing';
import { sql } from 'kysely';
import t from 'tap';
import { purgeBatch } from '../../src/activities/purge.ts';
import { activitiesRepository } from '../../src/activities/repository.ts';
import type { ActivitiesDatabase } from '../../src/database.ts';
import { openActivitiesDatabase } from '../../src/database.ts';
import { buildTestApp, NOW } from '../build-test-app.ts';

/** Activities in the database; each third is a reply. Enough for PostgreSQL to prefer an index where there is one. */
const ROWS = 20_000;

const now = NOW.toISOString();
const uuidOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

async function fill({ db, system }: ActivitiesDatabase): Promise<void> {
  // Statements of no request have the server's limit.
  if (system === 'postgresql') await sql`set statement_timeout = 0`.execute(db);
  const uuid = (number: string) =>
    sql.raw(`'00000000-0000-4000-8000-' || substr(cast(1000000000000 + ${number} as text), 2)`);
  const digits = (number: string) => sql.raw(`substr(cast(100 + ${number} as text), 2)`);
  const numbers = sql`with recursive numbers(n) as
    (select 1 union all select n + 1 from numbers where n < ${sql.lit(ROWS)})`;
  await sql`
    insert into activities
      (uuid, handle, message, search_text, created_at, expires_at, reply_to_activity_uuid, reply_number)
    ${numbers}
    select ${uuid('n')}, 'user' || (n % 500), 'message ' || n, 'message ' || n,
      '2029-12-' || ${digits('1 + n % 31')} || 'T' || ${digits('n % 24')} || ':' || ${digits('n % 60')} || ':' || ${digits('n % 59')} || '.000Z',
      case when n % 5000 = 1 then '2030-01-02' else '2030-02-01' end || 'T00:00:00.000Z',
      case when n % 3 = 0 then ${uuid('(n - 1)')} end, case when n % 3 = 0 then 1 else 0 end
    from numbers`.execute(db);
  await sql`
    insert into activity_recipients (handle, created_at, activity_uuid)
    select 'user' || (reply_number + 3), created_at, uuid from activities`.execute(db);
  await sql`
    insert into idempotency_keys (key, fingerprint, answer, expires_at)
    ${numbers} select 'key ' || n, '', '{}', case when n = 7 then '2030-01-01' else '2030-02-01' end || 'T00:00:00.000Z'
    from numbers`.execute(db);
}

const newActivity = () => ({
  uuid: randomUUID(),
  handle: 'user7',
  message: 'hello',
  created_at: now,
  expires_at: '2030-02-01T00:00:00.000Z',
  mentions: ['user4', 'user5'],
});

for (const variant of databaseVariants(process.env.TEST_DATABASE_URL))
  t.test(`${variant.name}: no statement reads or sorts more than it needs`, async (t) => {
    const { location, remove } = await variant.create();
    const database = await openActivitiesDatabase(
      'url' in location ? { url: location.url, poolSize: 1 } : location,
    );
    const { db } = database;
    await fill(database);
    const app = await buildTestApp({ database });
    t.teardown(() => app.close().then(remove));

    // A small part of what is here, as the usual one is of a million; slices of both lengths.
    const activities = activitiesRepository(database, {
      searchWindow: 200,
      firstWindow: 100,
      searchBudgetMs: Number.POSITIVE_INFINITY,
      searchCandidates: 2,
      searchStep: 50,
    });
    const statements = await recordStatements(db);
    const page = { now, limit: 21 };
    const before = { createdAt: '2029-12-20T12:30:00.000Z', uuid: uuidOf(5000) };
    for (const part of [page, { ...page, before }]) {
      await activities.home(part);
      await activities.byHandle(part, 'user7');
      await activities.notifications(part, 'user4');
      for (const term of ['message 777', 'nothing like it', 'sag', 'e', '~'])
        await activities.search(part, term);
    }
    await activities.find(uuidOf(5), now);
    const count = statements.length;
    t.same(await activities.search(page, 'nothing like it'), { threads: [] });
    // On SQLite two look through the newest activities; FTS5 begins anew with each further one.
    const expected = database.system === 'postgresql' ? 2 : 3;
    t.equal(statements.length - count, expected, 'the whole index is one statement');
    const once = { key: 'key 9', fingerprint: '', answer: '{}', now };
    await activities.create(newActivity());
    await t.rejects(activities.create(newActivity(), once), { name: 'AlreadyDone' });
    await activities.reply(newActivity(), uuidOf(5), { ...once, key: 'a new one' });
    t.equal(await purgeBatch(db, now), 4, 'a key, and what has expired but for one that has a reply');

    const made = [...statements]; // asking for a plan is a statement, too
    t.ok(new Set(made.map((statement) => statement.sql)).size >= 20, 'all are there');
    // Right after an import, and when the database has statistics.
    for (const statement of made) t.same(await costlySteps(db, statement), [], `fresh: ${statement.sql}`);
    await sql`analyze`.execute(db);
    for (const statement of made) t.same(await costlySteps(db, statement), [], statement.sql);

    // What the foreign keys ask when an activity is deleted, and SQLite's triggers when one comes or goes.
    for (const query of [
      db.selectFrom('activities').select('uuid').where('reply_to_activity_uuid', '=', uuidOf(1)),
      db.selectFrom('activity_recipients').select('handle').where('activity_uuid', '=', uuidOf(1)),
      db.selectFrom('activities').select('search_text').where('created_at', '=', before.createdAt),
    ])
      t.same(await costlySteps(db, query.compile()), [], query.compile().sql);

    // What no index serves is noticed: a table that is read, and one that is sorted.
    for (const query of [
      db.selectFrom('activities').select('uuid').where('likes_count', '=', 99),
      db.selectFrom('activities').select('uuid').where('created_at', '>', '').orderBy('message').limit(9),
    ])
      t.not((await costlySteps(db, query.compile())).length, 0, query.compile().sql);

    if (database.system === 'postgresql') {
      t.same((await sql`show jit`.execute(db)).rows, [{ jit: 'off' }], 'no statement is worth compiling');
      const { rows } = await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(
        db,
      );
      const kept = new Set(rows.map(({ statement }) => statement));
      const anew = made.slice(0, count).filter((statement) => !kept.has(statement.sql));
      t.same(anew, [], 'the connection keeps the plans of all pages');
    }

    let pages = 0;
    for (let cursor: string | null = ''; cursor !== null && pages < 20; pages++) {
      const before: string = cursor === '' ? '' : `&before=${cursor}`;
      const { activities, next_cursor } = (await app.inject(`/api/activities/search?term=~${before}`)).json();
      t.same(activities, []);
      cursor = next_cursor;
    }
    t.equal(pages, 10, 'a search that no index serves looks through 2,000 activities at a time');
  });
