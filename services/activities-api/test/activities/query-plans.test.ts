import { databaseVariants } from '@tandem/service-kit/testing';
import type { CompiledQuery, Kysely } from 'kysely';
import { sql } from 'kysely';
import t from 'tap';
import { activitiesRepository } from '../../src/activities/repository.ts';
import type { ActivitiesSchema } from '../../src/database.ts';
import { openActivitiesDatabase } from '../../src/database.ts';
import { NOW } from '../build-test-app.ts';

/** Activities in the database; each third is a reply. Enough for PostgreSQL to prefer an index where there is one. */
const ROWS = 20_000;

const now = NOW.toISOString();
const uuidOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

async function fill(db: Kysely<ActivitiesSchema>): Promise<void> {
  const uuid = (number: string) =>
    sql.raw(`'00000000-0000-4000-8000-' || substr(cast(1000000000000 + ${number} as text), 2)`);
  const digits = (number: string) => sql.raw(`substr(cast(100 + ${number} as text), 2)`);
  await sql`
    insert into activities
      (uuid, handle, message, search_text, created_at, expires_at, reply_to_activity_uuid, reply_number)
    with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${sql.lit(ROWS)})
    select ${uuid('n')}, 'user' || (n % 500), 'message ' || n, 'message ' || n,
      '2030-01-01T' || ${digits('n % 24')} || ':' || ${digits('n % 60')} || ':00.000Z',
      '2030-02-01T00:00:00.000Z',
      case when n % 3 = 0 then ${uuid('(n - 1)')} end, case when n % 3 = 0 then 1 else 0 end
    from numbers`.execute(db);
  await sql`
    insert into activity_recipients (handle, activity_uuid)
    select 'user' || (reply_number + 3), uuid from activities`.execute(db);
  await sql`analyze`.execute(db);
}

/** The steps of a query's plan. */
async function plan(db: Kysely<ActivitiesSchema>, query: CompiledQuery, isPostgres: boolean) {
  const explain = isPostgres ? 'explain' : 'explain query plan';
  const { rows } = await db.executeQuery<Record<string, unknown>>({
    ...query,
    sql: `${explain} ${query.sql}`,
  });
  return rows.map((row) => String(row.detail ?? row['QUERY PLAN']).trim());
}

/** Those of them that read a whole table. */
async function fullScans(db: Kysely<ActivitiesSchema>, query: CompiledQuery, isPostgres: boolean) {
  const steps = await plan(db, query, isPostgres);
  return steps.filter((step) =>
    // SQLite says SCAN also of an index that is read in its order, and of a page's own rows, called `a`.
    isPostgres ? /Seq Scan on/.test(step) : /^SCAN (?!.*USING (COVERING )?INDEX|a$)/.test(step),
  );
}

for (const variant of databaseVariants(process.env.TEST_DATABASE_URL)) {
  t.test(`${variant.name}: every query finds its rows by an index`, async (t) => {
    const { location, remove } = await variant.create();
    const { db, close, ...rest } = await openActivitiesDatabase(location);
    t.teardown(() => close().then(remove));
    await fill(db);
    const queries: CompiledQuery[] = [];
    const recorded = new Proxy(db, {
      get(target, name) {
        if (name === 'executeQuery')
          return (query: CompiledQuery) => {
            queries.push(query);
            return target.executeQuery(query);
          };
        const value = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const activities = activitiesRepository({ ...rest, close, db: recorded });
    const page = { now, limit: 21 };
    const before = { createdAt: '2030-01-01T12:30:00.000Z', uuid: uuidOf(5000) };
    await activities.home(page);
    await activities.home({ ...page, before });
    await activities.byHandle(page, 'user7');
    await activities.byHandle({ ...page, before }, 'user7');
    await activities.notifications(page, 'user4');
    await activities.find(uuidOf(5), now);
    t.equal(queries.length, 6);
    for (const query of queries)
      t.same(await fullScans(db, query, variant.name === 'postgresql'), [], query.sql);

    const expired = db.selectFrom('activities').select('uuid').where('expires_at', '<=', now).limit(10);
    const keys = db.selectFrom('idempotency_keys').select('key').where('expires_at', '<=', now).limit(10);
    // What each foreign key asks when an activity is deleted.
    const replies = db
      .selectFrom('activities')
      .select('uuid')
      .where('reply_to_activity_uuid', '=', uuidOf(1));
    const recipients = db
      .selectFrom('activity_recipients')
      .select('handle')
      .where('activity_uuid', '=', uuidOf(1));
    for (const query of [expired.compile(), replies.compile(), recipients.compile()])
      t.same(await fullScans(db, query, variant.name === 'postgresql'), [], query.sql);
    // An empty table is read whole by PostgreSQL, whatever indexes it has.
    if (variant.name === 'sqlite') t.same(await fullScans(db, keys.compile(), false), []);

    if (variant.name === 'sqlite') return;
    t.same(await activities.search(page, 'nothing like it'), []);
    const search = queries.at(-1);
    if (search === undefined) throw new Error('no query was recorded');
    const steps = await plan(db, search, true);
    t.ok(
      steps.some((step) => step.includes('on activities_search')),
      `a search uses its index:\n${steps.join('\n')}`,
    );
  });
}
