import type { ActivityRow } from '../database.ts';

/** An activity without the columns that only the database needs. */
export type ActivityRecord = Omit<ActivityRow, 'search_text' | 'reply_number'>;

/** An activity with the latest of its replies that have not expired, oldest first. */
export interface Thread extends ActivityRecord {
  readonly replies: ActivityRecord[];
}

/** A row of a page's query: an activity and one of its replies, or nulls when it has none. */
export type ThreadRow = ActivityRecord & {
  [K in keyof ActivityRecord as `reply_${K}`]: ActivityRecord[K] | null;
};

export const THREAD_COLUMNS = [
  'a.uuid',
  'a.handle',
  'a.message',
  'a.created_at',
  'a.expires_at',
  'a.likes_count',
  'a.replies_count',
  'a.reposts_count',
  'a.reply_to_activity_uuid',
] as const;

export const REPLY_COLUMNS = [
  'r.uuid as reply_uuid',
  'r.handle as reply_handle',
  'r.message as reply_message',
  'r.created_at as reply_created_at',
  'r.expires_at as reply_expires_at',
  'r.likes_count as reply_likes_count',
  'r.replies_count as reply_replies_count',
  'r.reposts_count as reply_reposts_count',
  'r.reply_to_activity_uuid as reply_reply_to_activity_uuid',
] as const;

/** Groups rows, which come ordered by activity, into activities with their replies. */
export function groupThreads(rows: readonly ThreadRow[]): Thread[] {
  const threads: Thread[] = [];
  let thread: Thread | undefined;
  for (const row of rows) {
    if (thread?.uuid !== row.uuid) {
      thread = {
        uuid: row.uuid,
        handle: row.handle,
        message: row.message,
        created_at: row.created_at,
        expires_at: row.expires_at,
        likes_count: row.likes_count,
        replies_count: row.replies_count,
        reposts_count: row.reposts_count,
        reply_to_activity_uuid: row.reply_to_activity_uuid,
        replies: [],
      };
      threads.push(thread);
    }
    const reply = replyOf(row);
    if (reply !== undefined) thread.replies.push(reply);
  }
  return threads;
}

function replyOf(row: ThreadRow): ActivityRecord | undefined {
  if (row.reply_uuid === null) return undefined;
  const columns = row as { [K in keyof ThreadRow]: NonNullable<ThreadRow[K]> };
  return {
    uuid: columns.reply_uuid,
    handle: columns.reply_handle,
    message: columns.reply_message,
    created_at: columns.reply_created_at,
    expires_at: columns.reply_expires_at,
    likes_count: columns.reply_likes_count,
    replies_count: columns.reply_replies_count,
    reposts_count: columns.reply_reposts_count,
    reply_to_activity_uuid: columns.reply_reply_to_activity_uuid,
  };
}
