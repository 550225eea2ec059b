import { prepareQuery } from '@tandem/service-kit';
import type { UserRow, UsersDatabase, UsersSchema } from '../database.ts';
import type { UserSearchResult } from './search.ts';
import { prepareSearch } from './search.ts';

/** A user as others see it. */
export type UserRecord = Omit<UserRow, 'search_text'>;

export interface UsersRepository {
  /** The users that have these handles, in no order; handles that nobody has are left out. */
  findByHandles(handles: readonly string[]): Promise<UserRecord[]>;
  /**
   * Users whose handle or display name contains `term`, by handle, at most `limit`; for a short term maybe not all at
   * once.
   * @param after only users whose handles come after this one
   */
  search(term: string, limit: number, after?: string): Promise<UserSearchResult>;
}

const COLUMNS = ['handle', 'display_name', 'avatar_url'] as const;

/** @param options `searchWindow`: users that a search reads at most where no index has its term */
export function usersRepository(
  database: UsersDatabase,
  options: { readonly searchWindow?: number } = {},
): UsersRepository {
  const { db } = database;
  const bySize = new Map<number, (values: readonly string[]) => Promise<UserRecord[]>>();

  function prepareFor(size: number) {
    return prepareQuery<UsersSchema, readonly string[], UserRecord>(db, (placeholder) =>
      db
        .selectFrom('users')
        .select(COLUMNS)
        .where(
          'handle',
          'in',
          Array.from({ length: size }, (_, index) => placeholder(index)),
        ),
    );
  }

  return {
    findByHandles(handles) {
      const padded = padToPowerOfTwo(handles);
      let find = bySize.get(padded.length);
      if (find === undefined) {
        find = prepareFor(padded.length);
        bySize.set(padded.length, find);
      }
      return find(padded);
    },
    search: prepareSearch(database, options.searchWindow),
  };
}

/** Repeats the last handle up to a power of two: lists of 1 to 100 handles then need 8 statements instead of 100. */
function padToPowerOfTwo(handles: readonly string[]): readonly string[] {
  const size = 2 ** Math.ceil(Math.log2(handles.length));
  const last = handles.at(-1) ?? '';
  return handles.length === size ? handles : [...handles, ...Array<string>(size - handles.length).fill(last)];
}
