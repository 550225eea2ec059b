import type { Database, DatabaseLocation, DatabaseOptions } from '@tandem/service-kit';
import { migrateToLatest, openDatabase } from '@tandem/service-kit';
import { migrations } from './migrations.ts';

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

export type UsersDatabase = Database<UsersSchema>;

/** Opens the users' database and brings its schema up to date. */
export async function openUsersDatabase(
  location: DatabaseLocation,
  options?: DatabaseOptions,
): Promise<UsersDatabase> {
  const database = await openDatabase<UsersSchema>(location, options);
  await migrateToLatest(database, 'user-lookup', migrations);
  return database;
}
