import type { Database, DatabaseLocation, DatabaseOptions } from '@tandem/service-kit';
import { migrateToLatest, openDatabase } from '@tandem/service-kit';
import { migrations } from './migrations.ts';

/** An activity as stored. Times are ISO 8601 in UTC with milliseconds: texts that sort by time, and that the API shows. */
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

/** A notification about an activity, for a user whom it mentions or whom it replies to. */
interface RecipientRow {
  handle: string;
  activity_uuid: string;
}

export interface ActivitiesSchema {
  activities: ActivityRow;
  activity_recipients: RecipientRow;
}

export type ActivitiesDatabase = Database<ActivitiesSchema>;

/** Opens the activities' database and brings its schema up to date. */
export async function openActivitiesDatabase(
  location: DatabaseLocation,
  options?: DatabaseOptions,
): Promise<ActivitiesDatabase> {
  const database = await openDatabase<ActivitiesSchema>(location, options);
  await migrateToLatest(database, 'activities-api', migrations);
  return database;
}
