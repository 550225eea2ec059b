import type { ActivityRow } from '../database.ts';

/** The columns that are shown. */
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

/** Of a page's query: the columns of an activity, `a`, and of one of its replies, `r`. */
export const THREAD_COLUMNS = COLUMNS.map((column) => `a.${column}` as const);
export const REPLY_COLUMNS = COLUMNS.map((column) => `r.${column} as reply_${column}` as const);

/** An activity without the columns that only the database needs. */
export type ActivityRecord = Pick<ActivityRow, (typeof COLUMNS)[number]>;

/** An activity with the latest of its replies that have not expired, oldest first. */
export interface Thread extends ActivityRecord {
  readonly replies: ActivityRecord[];
}

/** A row of a page's query: an activity and one of its replies, or nulls where it has none. */
export type ThreadRow = Readonly<Record<string, unknown>>;

/** Groups rows, which come ordered by activity, into activities with their replies. */
export function groupThreads(rows: readonly ThreadRow[]): Thread[] {
  const threads: Thread[] = [];
  for (const row of rows) {
    if (threads.at(-1)?.uuid !== row.uuid) threads.push({ ...columnsOf(row, ''), replies: [] });
    if (row.reply_uuid !== null) threads.at(-1)?.replies.push(columnsOf(row, 'reply_'));
  }
  return threads;
}

function columnsOf(row: ThreadRow, prefix: '' | 'reply_'): ActivityRecord {
  const activity: Record<string, unknown> = {};
  for (const column of COLUMNS) activity[column] = row[`${prefix}${column}`];
  return activity as unknown as ActivityRecord;
}
