import { containsPattern, foldForSearch } from '@tandem/service-kit';
import type { SelectQueryBuilder, Transaction } from 'kysely';
import { sql } from 'kysely';
import type { ActivitiesDatabase, ActivitiesSchema, ActivityRow } from '../database.ts';
import type { Position } from './pages.ts';
import type { Thread } from './threads.ts';
import { groupThreads, REPLY_COLUMNS, THREAD_COLUMNS } from './threads.ts';

/** Latest replies that are read for each activity of a page. */
const REPLIES_IN_PAGE = 10;
/** Latest replies that are read for an activity shown alone. */
const REPLIES_OF_ONE = 100;

/** Which part of the activities a query selects. */
export interface PageRequest {
  /** What has expired by then is left out; ISO 8601, as stored. */
  readonly now: string;
  readonly limit: number;
  /** Only what is older than this position. */
  readonly before?: Position | undefined;
  /** Ends the query. */
  readonly signal?: AbortSignal;
}

type Columns = 'uuid' | 'handle' | 'message' | 'created_at' | 'expires_at';

/** An activity to be stored; `mentions` are the handles of those who are to be told of it. */
export type NewActivityRecord = Pick<ActivityRow, Columns> & { readonly mentions: readonly string[] };

/** The activities, as the routes know them. */
export type ActivitiesRepository = ReturnType<typeof activitiesRepository>;

type Activities = SelectQueryBuilder<ActivitiesSchema, 'activities', object>;

/** Every page is newest first, and leaves out what has expired. */
export function activitiesRepository({ db }: ActivitiesDatabase) {
  /**
   * Reads a page of `activities`, newest first, each with its latest replies that have not expired: one statement, so
   * that a page is one round trip. Replies are numbered, so that the latest are a range of an index.
   */
  async function read(activities: Activities, page: PageRequest, replies = REPLIES_IN_PAGE) {
    const { now, limit, before, signal } = page;
    const heads = activities
      .selectAll('activities')
      .where('activities.expires_at', '>', now)
      .$if(before !== undefined, (query) =>
        query.where(
          sql<boolean>`(activities.created_at, activities.uuid) < (${before?.createdAt}, ${before?.uuid})`,
        ),
      )
      .orderBy('activities.created_at', 'desc')
      .orderBy('activities.uuid', 'desc')
      .limit(limit);
    const rows = await db
      .selectFrom(heads.as('a'))
      .leftJoin('activities as r', (join) =>
        join
          .onRef('r.reply_to_activity_uuid', '=', 'a.uuid')
          .on('r.reply_number', '>', sql<number>`a.replies_count - ${replies}`)
          .on('r.expires_at', '>', now),
      )
      .select([...THREAD_COLUMNS, ...REPLY_COLUMNS])
      .orderBy('a.created_at', 'desc')
      .orderBy('a.uuid', 'desc')
      .orderBy('r.reply_number')
      .execute({ signal });
    return groupThreads(rows);
  }

  return {
    /** Activities that are no replies. */
    home: (page: PageRequest) =>
      read(db.selectFrom('activities').where('reply_to_activity_uuid', 'is', null), page),
    /** Activities and replies by one user. */
    byHandle: (page: PageRequest, handle: string) =>
      read(db.selectFrom('activities').where('handle', '=', handle), page),
    /** Activities by others that mention the user or reply to one of theirs. */
    notifications: (page: PageRequest, handle: string) =>
      read(
        db
          .selectFrom('activities')
          .innerJoin('activity_recipients as to', 'to.activity_uuid', 'activities.uuid')
          .where('to.handle', '=', handle) as Activities,
        page,
      ),
    /** Activities and replies whose message contains `term`, in any case. */
    search: (page: PageRequest, term: string) =>
      read(
        db
          .selectFrom('activities')
          .where(sql<boolean>`search_text like ${containsPattern(term)} escape '\\'`),
        page,
      ),
    /** One activity, unless it has expired. */
    async find(uuid: string, now: string, signal?: AbortSignal): Promise<Thread | undefined> {
      const one = db.selectFrom('activities').where('uuid', '=', uuid);
      const [thread] = await read(one, { now, limit: 1, ...(signal && { signal }) }, REPLIES_OF_ONE);
      return thread;
    },
    /** Stores an activity or a reply; false when what it replies to does not exist or has expired. */
    store: (activity: NewActivityRecord, replyTo: string | null, signal?: AbortSignal) =>
      db.transaction().execute(async (transaction) => {
        if (replyTo === null) {
          await insert(transaction, activity, { replyTo, number: 0, recipients: activity.mentions }, signal);
          return true;
        }
        const parent = await transaction
          .updateTable('activities')
          .set((eb) => ({ replies_count: eb('replies_count', '+', 1) }))
          .where('uuid', '=', replyTo)
          .where('expires_at', '>', activity.created_at)
          .returning(['handle', 'replies_count as number'])
          .executeTakeFirst({ signal });
        if (parent === undefined) return false;
        const recipients = [...activity.mentions, parent.handle];
        await insert(transaction, activity, { replyTo, number: parent.number, recipients }, signal);
        return true;
      }),
  };
}

async function insert(
  transaction: Transaction<ActivitiesSchema>,
  { mentions: _, ...activity }: NewActivityRecord,
  place: { readonly replyTo: string | null; readonly number: number; readonly recipients: readonly string[] },
  signal: AbortSignal | undefined,
): Promise<void> {
  await transaction
    .insertInto('activities')
    .values({
      ...activity,
      search_text: foldForSearch(activity.message),
      likes_count: 0,
      replies_count: 0,
      reposts_count: 0,
      reply_to_activity_uuid: place.replyTo,
      reply_number: place.number,
    })
    .execute({ signal });
  const others = [...new Set(place.recipients)].filter((handle) => handle !== activity.handle);
  if (others.length === 0) return;
  await transaction
    .insertInto('activity_recipients')
    .values(others.map((handle) => ({ handle, activity_uuid: activity.uuid })))
    .execute({ signal });
}
