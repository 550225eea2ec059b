import type { DatabaseLocation } from '@tandem/service-kit';
import { migrateToLatest } from '@tandem/service-kit';
import type { Database, TrigramIndex } from '@tandem/service-kit/traced';
import { findTrigramIndex, openDatabase } from '@tandem/service-kit/traced';
import { migrations } from './migrations/index.ts';

/** A user as stored. */
export interface UserRow {
  handle: string;
  display_name: string;
  avatar_url: string;
  /** Handle and display name in the form that searches compare. */
  search_text: string;
}

/** A row of the search index, on SQLite only; its number is the user's. */
interface SearchRow {
  rowid: number;
}

export interface UsersSchema {
  users: UserRow;
  users_search: SearchRow;
}

export interface UsersDatabase extends Database<UsersSchema> {
  /** Of handles and names. */
  readonly searchIndex: TrigramIndex;
}

/** Opens the users' database and brings its schema up to date. */
export async function openUsersDatabase(
  location: DatabaseLocation,
  onIdleError?: (error: Error) => void,
): Promise<UsersDatabase> {
  const database = openDatabase<UsersSchema>(location, onIdleError);
  await migrateToLatest(database.db, 'user-lookup', migrations);
  return { ...database, searchIndex: await findTrigramIndex(database.db, 'users_search') };
}
