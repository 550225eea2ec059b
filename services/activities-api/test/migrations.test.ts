import { migrateToLatest } from '@tandem/service-kit';
import { openDatabase } from '@tandem/service-kit/traced';
import { sql } from 'kysely';
import t from 'tap';
import type { ActivitiesSchema } from '../src/database.ts';
import { migrations } from '../src/migrations/index.ts';

t.test('the index of messages that were there before is one part, which finds them', async (t) => {
  const { db, close } = openDatabase<ActivitiesSchema>({ file: ':memory:' });
  t.teardown(close);
  const before = Object.entries(migrations).filter(([name]) => name < '0007');
  await migrateToLatest(db, 'activities-api', Object.fromEntries(before));
  const values = { handle: 'vir', expires_at: '2030-02-01T00:00:00.000Z' };
  for (const [number, message] of ['needle', 'hay', 'needles'].entries())
    await db
      .insertInto('activities')
      .values({
        ...values,
        uuid: String(number),
        message,
        search_text: message,
        created_at: `2030-01-0${number + 1}T00:00:00.000Z`,
        likes_count: 0,
        replies_count: 0,
        reposts_count: 0,
        reply_to_activity_uuid: null,
        reply_number: 0,
      })
      .execute();
  const parts = async () => {
    const { rows } = await sql<{ parts: number }>`
      select count(distinct segid) as parts from activities_search_idx`.execute(db);
    return rows[0]?.parts;
  };
  t.equal(await parts(), 3, 'one for each that came');
  await migrateToLatest(db, 'activities-api', migrations);
  t.equal(await parts(), 1);
  const { rows } = await sql`
    select rowid from activities_search where activities_search match '"nee" AND "dle"'`.execute(db);
  t.equal(rows.length, 2);
});
