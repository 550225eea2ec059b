import { containsPattern, prepareQuery } from '@tandem/service-kit';
import type { Database } from '@tandem/service-kit/traced';
import { sql } from 'kysely';
import type { UserRow, UsersSchema } from '../database.ts';

/** A user as others see it. */
type UserRecord = Omit<UserRow, 'search_text'>;

export interface UsersRepository {
  /** The users that have these handles, in no order; handles that nobody has are left out. */
  findByHandles(handles: readonly string[]): Promise<UserRecord[]>;
  /** Users whose handle or display name contains `term`, by handle, at most `limit`. */
  search(term: string, limit: number): Promise<UserRecord[]>;
}

const COLUMNS = ['handle', 'display_name', 'avatar_url'] as const;

export function usersRepository({ db }: Database<UsersSchema>): UsersRepository {
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

  const search = prepareQuery<UsersSchema, { pattern: string; limit: number }, UserRecord>(
    db,
    (placeholder) =>
      db
        .selectFrom('users')
        .select(COLUMNS)
        .where(sql<boolean>`search_text like ${placeholder('pattern')} escape '\\'`)
        .orderBy('handle')
        .limit(placeholder('limit')),
  );

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
    search: (term, limit) => search({ pattern: containsPattern(term), limit }),
  };
}

/** Repeats the last handle up to a power of two: lists of 1 to 100 handles then need 8 statements instead of 100. */
function padToPowerOfTwo(handles: readonly string[]): readonly string[] {
  const size = 2 ** Math.ceil(Math.log2(handles.length));
  const last = handles.at(-1) ?? '';
  return handles.length === size ? handles : [...handles, ...Array<string>(size - handles.length).fill(last)];
}
