import { createHash } from 'node:crypto';
import { foldForSearch } from '@tandem/service-kit';
import type { Kysely } from 'kysely';
import { mentionsIn } from './activities/post-activity.ts';
import { purge } from './activities/purge.ts';
import type { Ttl } from './activities/schemas.ts';
import { TTL } from './activities/schemas.ts';
import type { ActivitiesSchema, ActivityRow } from './database.ts';

/** Handles of the demo users, which user-lookup seeds. */
const AUTHORS =
  'andrewbrown bayko worf londo garibaldi vir zed ada otto nimbus pixel quark lumen marlow'.split(' ');

const MESSAGES = [
  'Cloud is very fun!',
  'Today is a good day to trace.',
  'First light over the data centre, and every span has a parent.',
  'Has anyone seen my orphan span? Answers to @otto please.',
  'The heatmap has a bump at 400 ms. Ask @garibaldi, he always knows.',
  'Two services, one trace. That is the whole trick.',
  'I moved the slow query behind an index. It sulks, but it is quick.',
  '@bayko your deploy is green, go and have some soup.',
  'Reminder: 100 % of my dashboards are underscores_and_percent_signs.',
  'Überraschung: the cache was never on.',
  'An N+1 walks into a bar, and another bar, and another bar …',
  '@worf do not @ the database, it is doing its best.',
];
const REPLIES = [
  'Well said.',
  'Show me the waterfall.',
  'It was the cache, @ada.',
  'Works on my machine 🙂',
  '+1',
];
const TTLS = Object.keys(TTL) as Ttl[];

const ACTIVITIES = 60;
const REPLIES_EVERY = 3; // each third activity has one to four replies
const MINUTE = 60_000; // milliseconds

/**
 * Adds demo activities when the feed is empty: always the same, with times relative to `now`. Replicas may start together;
 * each activity is added once.
 */
export async function seedActivities(db: Kysely<ActivitiesSchema>, now: Date): Promise<void> {
  const any = await db
    .selectFrom('activities')
    .select('uuid')
    .where('expires_at', '>', now.toISOString())
    .limit(1)
    .executeTakeFirst();
  if (any !== undefined) return;
  await purge(db, now.toISOString());
  const rows = Array.from({ length: ACTIVITIES }, (_, index) => thread(index, now.getTime())).flat();
  const recipients = recipientsOf(rows);
  await db.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('activities')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await transaction
      .insertInto('activity_recipients')
      .values(recipients)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  });
}

/** The activity of this number and its replies. Higher numbers are older; every tenth has expired. */
function thread(index: number, now: number): ActivityRow[] {
  const expired = index % 10 === 9;
  const ttl = pick(expired ? (['1-hour', '3-hours'] as const) : TTLS.slice(0, 3), index);
  const createdAt = now - (expired ? TTL[ttl] : 0) - index * 17 * MINUTE - MINUTE;
  const replies = index % REPLIES_EVERY === 0 ? 1 + (index % 4) : 0;
  const parent = activity(`activity-${index}`, index, pick(MESSAGES, index), createdAt, createdAt + TTL[ttl]);
  return [
    { ...parent, replies_count: replies, likes_count: (index * 7) % 23, reposts_count: index % 5 },
    ...Array.from({ length: replies }, (_, number) => ({
      ...activity(
        `activity-${index}-reply-${number}`,
        index + number + 1,
        pick(REPLIES, index + number),
        createdAt + (number + 1) * 3 * 1000,
        createdAt + TTL[ttl],
      ),
      reply_to_activity_uuid: parent.uuid,
      reply_number: number + 1,
    })),
  ];
}

function activity(
  name: string,
  author: number,
  message: string,
  createdAt: number,
  expiresAt: number,
): ActivityRow {
  return {
    uuid: fixedUuid(name),
    handle: pick(AUTHORS, author),
    message,
    search_text: foldForSearch(message),
    created_at: new Date(createdAt).toISOString(),
    expires_at: new Date(expiresAt).toISOString(),
    likes_count: 0,
    replies_count: 0,
    reposts_count: 0,
    reply_to_activity_uuid: null,
    reply_number: 0,
  };
}

function recipientsOf(rows: readonly ActivityRow[]) {
  const authors = new Map(rows.map((row) => [row.uuid, row.handle]));
  return rows.flatMap((row) => {
    const parent = row.reply_to_activity_uuid === null ? undefined : authors.get(row.reply_to_activity_uuid);
    const handles = new Set([...mentionsIn(row.message), ...(parent === undefined ? [] : [parent])]);
    handles.delete(row.handle);
    return [...handles].map((handle) => ({ handle, activity_uuid: row.uuid }));
  });
}

function pick<T>(values: readonly T[], index: number): T {
  return values[index % values.length] as T;
}

/** A UUID (version 8) that is the same for the same name. */
function fixedUuid(name: string): string {
  const hex = createHash('sha256').update(`tandem seed ${name}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
