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

const REPLY_COLUMNS = COLUMNS.map((column) => `reply_${column}` as const);

/** The columns that a page's statement selects from an activity, `a`, and from one of its replies, `r`. */
export const THREAD_COLUMNS = sql.raw(
  COLUMNS.map((column, index) => `a.${column}, r.${column} as ${REPLY_COLUMNS[index]}`).join(', '),
);

/** An activity without the columns that only the database needs. */
export type ActivityRecord = Pick<ActivityRow, (typeof COLUMNS)[number]>;

/** An activity with the latest of its replies that have not expired, oldest first. */
export interface Thread extends ActivityRecord {
  readonly replies: ActivityRecord[];
}

/** A row of a page's statement: an activity and one of its replies. The reply's columns are null for no reply. */
export type ThreadRow = Readonly<Record<string, unknown>>;

/** Groups rows into activities with their replies. @param rows ordered by activity */
export function groupThreads(rows: readonly ThreadRow[]): Thread[] {
  const threads: Thread[] = [];
  for (const row of rows) {
    if (threads.at(-1)?.uuid !== row.uuid) threads.push({ ...pick(row, COLUMNS), replies: [] });
    if (row.reply_uuid !== null) threads.at(-1)?.replies.push(pick(row, REPLY_COLUMNS));
  }
  return threads;
}

/** Takes an activity from a row. @param columns its columns there, in the order of COLUMNS */
function pick(row: ThreadRow, columns: readonly string[]): ActivityRecord {
  const activity: Record<string, unknown> = {};
  for (const [index, column] of COLUMNS.entries()) activity[column] = row[columns[index] ?? ''];
  return activity as unknown as ActivityRecord;
}
