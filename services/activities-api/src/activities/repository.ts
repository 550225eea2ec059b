import { foldForSearch } from '@tandem/service-kit';
import type { Transaction } from 'kysely';
import type { ActivitiesDatabase, ActivitiesSchema } from '../database.ts';
import type { OnceOnly } from './idempotency.ts';
import { claimKey } from './idempotency.ts';
import type { PageRequest } from './prepare-page.ts';
import { preparePage } from './prepare-page.ts';
import { prepareSearch } from './search.ts';
import type { SearchOptions, SearchResult } from './search-result.ts';
import type { Thread } from './threads.ts';

/** Latest replies that are read for each activity of a page. */
const REPLIES_IN_PAGE = 10;
/** Latest replies that are read for an activity shown alone. */
const REPLIES_OF_ONE = 100;
/** How the index of recipients holds somebody's activities. */
const RECIPIENTS_NEWEST = ['activity_recipients.created_at', 'activity_recipients.activity_uuid'] as const;

/** An activity to be stored. */
export interface NewActivityRecord {
  readonly uuid: string;
  readonly handle: string;
  readonly message: string;
  readonly created_at: string;
  readonly expires_at: string;
  /** Handles of those who are to be told of it. */
  readonly mentions: readonly string[];
}

/** Every page is newest first. */
export interface ActivitiesRepository {
  /** Activities that are no replies. */
  home(page: PageRequest): Promise<Thread[]>;
  /** Activities and replies by one user. */
  byHandle(page: PageRequest, handle: string): Promise<Thread[]>;
  /** Activities by others that mention the user or reply to one of theirs. */
  notifications(page: PageRequest, handle: string): Promise<Thread[]>;
  /** Activities and replies whose message contains `term`, in any case; maybe not all at once. */
  search(page: PageRequest, term: string): Promise<SearchResult>;
  /** One activity, unless it has expired. */
  find(uuid: string, now: string): Promise<Thread | undefined>;
  /**
   * Stores an activity, with `once` in the same transaction.
   * @throws AlreadyDone, or Problem IDEMPOTENCY_KEY_REUSED, when `once` was there before
   */
  create(activity: NewActivityRecord, once?: OnceOnly): Promise<void>;
  /**
   * Stores a reply; false when what it replies to does not exist or has expired.
   * @throws as `create`
   */
  reply(activity: NewActivityRecord, to: string, once?: OnceOnly): Promise<boolean>;
}

export function activitiesRepository(
  database: ActivitiesDatabase,
  options: SearchOptions = {},
): ActivitiesRepository {
  const { db } = database;
  const home = preparePage(db, REPLIES_IN_PAGE, {
    select: () => db.selectFrom('activities').where('reply_to_activity_uuid', 'is', null),
  });
  const byHandle = preparePage<{ handle: string }>(db, REPLIES_IN_PAGE, {
    select: (value) => db.selectFrom('activities').where('handle', '=', value('handle')),
  });
  const notifications = preparePage<{ handle: string }>(db, REPLIES_IN_PAGE, {
    select: (value) =>
      db
        .selectFrom('activity_recipients')
        .innerJoin('activities', 'activities.uuid', 'activity_recipients.activity_uuid')
        .where('activity_recipients.handle', '=', value('handle')),
    order: RECIPIENTS_NEWEST,
    position: RECIPIENTS_NEWEST,
  });
  const findOne = preparePage<{ uuid: string }>(db, REPLIES_OF_ONE, {
    select: (value) => db.selectFrom('activities').where('uuid', '=', value('uuid')),
  });
  return {
    home: (page) => home(page, {}),
    byHandle: (page, handle) => byHandle(page, { handle }),
    notifications: (page, handle) => notifications(page, { handle }),
    search: prepareSearch(database, REPLIES_IN_PAGE, options),
    async find(uuid, now) {
      const [thread] = await findOne({ now, limit: 1 }, { uuid });
      return thread;
    },
    create: (activity, once) =>
      db.transaction().execute(async (transaction) => {
        if (once !== undefined) await claimKey(transaction, once);
        await insert(transaction, activity, null, 0, activity.mentions);
      }),
    reply: (activity, to, once) =>
      db
        .transaction()
        .execute(async (transaction) => {
          if (once !== undefined) await claimKey(transaction, once);
          await insertReply(transaction, activity, to);
          return true;
        })
        .catch((error: unknown) => {
          if (error instanceof NothingToReplyTo) return false;
          throw error;
        }),
  };
}

/** Rolls the transaction back, so that the key of a request that was not done can be used again. */
class NothingToReplyTo extends Error {}

/** @throws NothingToReplyTo */
async function insertReply(
  transaction: Transaction<ActivitiesSchema>,
  activity: NewActivityRecord,
  to: string,
): Promise<void> {
  const parent = await transaction
    .updateTable('activities')
    .set((eb) => ({ replies_count: eb('replies_count', '+', 1) }))
    .where('uuid', '=', to)
    .where('expires_at', '>', activity.created_at)
    .returning(['handle', 'replies_count'])
    .executeTakeFirst();
  if (parent === undefined) throw new NothingToReplyTo();
  await insert(transaction, activity, to, parent.replies_count, [...activity.mentions, parent.handle]);
}

async function insert(
  transaction: Transaction<ActivitiesSchema>,
  { mentions: _, ...activity }: NewActivityRecord,
  replyTo: string | null,
  replyNumber: number,
  recipients: readonly string[],
): Promise<void> {
  await transaction
    .insertInto('activities')
    .values({
      ...activity,
      search_text: foldForSearch(activity.message),
      likes_count: 0,
      replies_count: 0,
      reposts_count: 0,
      reply_to_activity_uuid: replyTo,
      reply_number: replyNumber,
    })
    .execute();
  const others = [...new Set(recipients)].filter((handle) => handle !== activity.handle);
  if (others.length === 0) return;
  await transaction
    .insertInto('activity_recipients')
    .values(
      others.map((handle) => ({ handle, created_at: activity.created_at, activity_uuid: activity.uuid })),
    )
    .execute();
}
