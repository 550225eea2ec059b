import { containsPattern, foldForSearch } from '@tandem/service-kit';
import type { RawBuilder } from 'kysely';
import { sql } from 'kysely';
import type { ActivitiesDatabase, ActivityRow } from '../database.ts';
import type { Thread, ThreadRow } from './threads.ts';
import { groupThreads, THREAD_COLUMNS } from './threads.ts';

/** Latest replies that are read for each activity of a page. */
const REPLIES_IN_PAGE = 10;
/** Latest replies that are read for an activity shown alone. */
const REPLIES_OF_ONE = 100;

/** The position of an activity in the order of all. The next page begins behind the position of the last activity. */
export interface Position {
  readonly createdAt: string;
  readonly uuid: string;
}

/** The bounds of a page. */
export interface PageBounds {
  /** Activities that have expired by this time are left out. ISO 8601, as stored. */
  readonly now: string;
  readonly limit: number;
  /** Only activities older than this position. */
  readonly before?: Position | undefined;
  /** Aborts the query. */
  readonly signal?: AbortSignal;
}

type Columns = 'uuid' | 'handle' | 'message' | 'created_at' | 'expires_at';

/** An activity to be stored; `mentions` are the handles of the users who get a notification. */
export type NewActivityRecord = Pick<ActivityRow, Columns> & { readonly mentions: readonly string[] };

/** The activities, as the routes know them. */
export type ActivitiesRepository = ReturnType<typeof activitiesRepository>;

const ACTIVITIES = sql.table('activities');
const RECIPIENTS = sql.table('activity_recipients');

/** Every page is newest first, without expired activities. */
export function activitiesRepository({ db }: ActivitiesDatabase) {
  /**
   * Reads a page of the activities that `which` selects, newest first, each with its latest replies that have not expired.
   * One statement reads the page, so that a page takes one round trip. Replies are numbered, so that the latest ones are a
   * range of an index. The statement is SQL, because a query builder would take as long as the statement.
   */
  async function read(which: RawBuilder<unknown>, page: PageBounds, replies = REPLIES_IN_PAGE) {
    const { now, limit, before, signal } = page;
    const older =
      before === undefined ? sql`` : sql`and (created_at, uuid) < (${before.createdAt}, ${before.uuid})`;
    const { rows } = await sql<ThreadRow>`select ${THREAD_COLUMNS}
      from (
        select ${ACTIVITIES}.* from ${ACTIVITIES} ${which} and expires_at > ${now} ${older}
        order by created_at desc, uuid desc limit ${limit}
      ) as a
      left join ${ACTIVITIES} as r on r.reply_to_activity_uuid = a.uuid
        and r.reply_number > a.replies_count - ${replies} and r.expires_at > ${now}
      order by a.created_at desc, a.uuid desc, r.reply_number`.execute(db, { signal });
    return groupThreads(rows);
  }

  return {
    /** Activities that are not replies. */
    home: (page: PageBounds) => read(sql`where reply_to_activity_uuid is null`, page),
    /** Activities and replies by one user. */
    byHandle: (page: PageBounds, handle: string) => read(sql`where handle = ${handle}`, page),
    /** Activities by others that mention the user or reply to one of theirs. */
    notifications: (page: PageBounds, handle: string) =>
      read(sql`join ${RECIPIENTS} as told on told.activity_uuid = uuid where told.handle = ${handle}`, page),
    /** Activities and replies whose message contains `term`, in upper or lower case. */
    search: (page: PageBounds, term: string) =>
      read(sql`where search_text like ${containsPattern(term)} escape '\\'`, page),
    /** One activity, unless it has expired. */
    async find(uuid: string, now: string, signal?: AbortSignal): Promise<Thread | undefined> {
      const page = { now, limit: 1, ...(signal && { signal }) };
      const [thread] = await read(sql`where uuid = ${uuid}`, page, REPLIES_OF_ONE);
      return thread;
    },
    /** Stores an activity or a reply, and returns it; undefined when a reply's activity does not exist or has expired. */
    store: (activity: NewActivityRecord, replyTo: string | null, signal?: AbortSignal) =>
      db.transaction().execute(async (transaction) => {
        const { mentions, ...columns } = activity;
        const recipients = new Set(mentions);
        let reply_number = 0;
        if (replyTo !== null) {
          const parent = await transaction
            .updateTable('activities')
            .set((eb) => ({ replies_count: eb('replies_count', '+', 1) }))
            .where('uuid', '=', replyTo)
            .where('expires_at', '>', activity.created_at)
            .returning(['handle', 'replies_count'])
            .executeTakeFirst({ signal });
          if (parent === undefined) return undefined;
          recipients.add(parent.handle);
          reply_number = parent.replies_count;
        }
        const search_text = foldForSearch(activity.message);
        const counts = { likes_count: 0, replies_count: 0, reposts_count: 0 };
        const stored = { ...columns, ...counts, reply_to_activity_uuid: replyTo };
        await transaction
          .insertInto('activities')
          .values({ ...stored, search_text, reply_number })
          .execute({ signal });
        recipients.delete(activity.handle);
        if (recipients.size === 0) return stored;
        await transaction
          .insertInto('activity_recipients')
          .values([...recipients].map((handle) => ({ handle, activity_uuid: activity.uuid })))
          .execute({ signal });
        return stored;
      }),
  };
}
