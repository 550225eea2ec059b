import type { DatabaseLocation } from '@tandem/service-kit';
import { migrateToLatest } from '@tandem/service-kit';
import type { Database } from '@tandem/service-kit/traced';
import { openDatabase } from '@tandem/service-kit/traced';
import { migrations } from './migrations/index.ts';

/** A user as stored. */
export interface UserRow {
  handle: string;
  display_name: string;
  avatar_url: string;
  /** Handle and display name in the form that searches compare. */
  search_text: string;
}

export interface UsersSchema {
  users: UserRow;
}

/** Opens the users' database and brings its schema up to date. */
export async function openUsersDatabase(
  location: DatabaseLocation,
  onIdleError?: (error: Error) => void,
): Promise<Database<UsersSchema>> {
  const database = openDatabase<UsersSchema>(location, onIdleError);
  await migrateToLatest(database.db, 'user-lookup', migrations);
  return database;
}
