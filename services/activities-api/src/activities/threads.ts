import { sql } from 'kysely';
import type { ActivityRow } from '../database.ts';

/** The columns that the API shows. */
const COLUMNS = [
  'uuid',
  'handle',
  'message',
  'created_at',
  'expires_at',
  'likes_count',
  'replies_count',
  'reposts_count',
  'reply_to_activity_uuid',
] as const;

/** The columns that a page's statement selects from an activity, `a`, and from one of its replies, `r`. */
export const THREAD_COLUMNS = sql.raw(
  COLUMNS.map((name) => `a.${name}, r.${name} as reply_${name}`).join(', '),
);

/** An activity without the columns that only the database needs. */
export type ActivityRecord = Pick<ActivityRow, (typeof COLUMNS)[number]>;

/** An activity with the latest of its replies that have not expired, oldest first. */
export interface Thread extends ActivityRecord {
  readonly replies: ActivityRecord[];
}

/** A row of a page's statement: an activity and one of its replies. Without a reply, the reply's columns are null. */
export type ThreadRow = ActivityRecord & (ReplyColumns | { readonly reply_uuid: null });

type ReplyColumns = { [C in keyof ActivityRecord as `reply_${C}`]: ActivityRecord[C] };

/** Groups rows into activities with their replies. @param rows ordered by activity */
export function groupThreads(rows: readonly ThreadRow[]): Thread[] {
  const threads: Thread[] = [];
  for (const row of rows) {
    if (threads.at(-1)?.uuid !== row.uuid) threads.push({ ...activityOf(row), replies: [] });
    if (row.reply_uuid !== null) threads.at(-1)?.replies.push(replyOf(row));
  }
  return threads;
}

function activityOf(row: ActivityRecord): ActivityRecord {
  const { uuid, handle, message, created_at, expires_at } = row;
  const { likes_count, replies_count, reposts_count, reply_to_activity_uuid } = row;
  const counts = { likes_count, replies_count, reposts_count };
  return { uuid, handle, message, created_at, expires_at, ...counts, reply_to_activity_uuid };
}

function replyOf(row: ReplyColumns): ActivityRecord {
  return {
    uuid: row.reply_uuid,
    handle: row.reply_handle,
    message: row.reply_message,
    created_at: row.reply_created_at,
    expires_at: row.reply_expires_at,
    likes_count: row.reply_likes_count,
    replies_count: row.reply_replies_count,
    reposts_count: row.reply_reposts_count,
    reply_to_activity_uuid: row.reply_reply_to_activity_uuid,
  };
}
