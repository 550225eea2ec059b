import type { DatabaseLocation } from '@tandem/service-kit';
import { migrateToLatest } from '@tandem/service-kit';
import type { Database, TrigramIndex } from '@tandem/service-kit/traced';
import { findTrigramIndex, openDatabase } from '@tandem/service-kit/traced';
import { migrations } from './migrations/index.ts';

/** An activity as stored. Times are ISO 8601 in UTC with milliseconds: they sort as text and go out unconverted. */
export interface ActivityRow {
  uuid: string;
  handle: string;
  message: string;
  /** The message in the form that searches compare. */
  search_text: string;
  created_at: string;
  expires_at: string;
  likes_count: number;
  /** Replies ever made, expired ones too. */
  replies_count: number;
  reposts_count: number;
  /** The activity that this one replies to. */
  reply_to_activity_uuid: string | null;
  /** Number of this reply among the replies to the same activity, from 1; 0 for an activity that is not a reply. */
  reply_number: number;
}

/** Who is to be told of an activity: the people it mentions, and whom it replies to. */
interface RecipientRow {
  handle: string;
  /** As the activity has it, for an index that holds a recipient's activities in order. */
  created_at: string;
  activity_uuid: string;
}

/** A request that has been done, with what was answered, for when it is sent again. */
interface IdempotencyKeyRow {
  key: string;
  fingerprint: string;
  /** JSON. */
  answer: string;
  expires_at: string;
}

/** A row of the search index, on SQLite only: what was made in one millisecond of the epoch, its number. */
interface SearchRow {
  rowid: number;
}

export interface ActivitiesSchema {
  activities: ActivityRow;
  activities_search: SearchRow;
  activity_recipients: RecipientRow;
  idempotency_keys: IdempotencyKeyRow;
}

export interface ActivitiesDatabase extends Database<ActivitiesSchema> {
  /** Of the messages. */
  readonly searchIndex: TrigramIndex;
}

/** Opens the activities' database and brings its schema up to date. */
export async function openActivitiesDatabase(
  location: DatabaseLocation,
  onIdleError?: (error: Error) => void,
): Promise<ActivitiesDatabase> {
  const database = openDatabase<ActivitiesSchema>(location, onIdleError);
  await migrateToLatest(database.db, 'activities-api', migrations);
  return { ...database, searchIndex: await findTrigramIndex(database.db, 'activities_search_by_period') };
}
