import { containsPattern } from '@tandem/service-kit';
import { sql } from 'kysely';
import type { UserRow, UsersDatabase } from '../database.ts';

/** A user as the API shows users. */
export type UserRecord = Omit<UserRow, 'search_text'>;

export interface UsersRepository {
  /** The users with these handles, in any order. Unknown handles are left out. */
  findByHandles(handles: readonly string[], signal?: AbortSignal): Promise<UserRecord[]>;
  /**
   * Users whose handle or display name contains `term`, by handle, at most `limit`.
   * @param after only users with handles after this one
   */
  search(term: string, limit: number, after?: string, signal?: AbortSignal): Promise<UserRecord[]>;
}

export function usersRepository({ db }: UsersDatabase): UsersRepository {
  const users = db.selectFrom('users').select(['handle', 'display_name', 'avatar_url']);
  return {
    findByHandles: (handles, signal) => users.where('handle', 'in', handles).execute({ signal }),
    search: (term, limit, after = '', signal = undefined) =>
      users
        .where('handle', '>', after)
        .where(sql<boolean>`search_text like ${containsPattern(term)} escape '\\'`)
        .orderBy('handle')
        .limit(limit)
        .execute({ signal }),
  };
}
