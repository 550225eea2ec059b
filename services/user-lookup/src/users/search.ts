import { containsPattern, ftsQuery, prepareQuery } from '@tandem/service-kit';
import { sql } from 'kysely';
import type { UsersDatabase, UsersSchema } from '../database.ts';
import type { UserRecord } from './repository.ts';

/** Users that a search reads in the order of their handles, before it asks an index; SQLite takes some 5 ms for them. */
const WINDOW = 10_000;
const COLUMNS = ['users.handle', 'users.display_name', 'users.avatar_url'] as const;

/** What a search has found. */
export interface UserSearchResult {
  readonly users: UserRecord[];
  /** The handle at which the search stopped although there was room for more: others may come after it. */
  readonly searchedTo?: string | undefined;
}

/** Values of a search's statements. */
interface Values {
  pattern: string;
  limit: number;
  after: string;
}

/**
 * Prepares the search for users whose handle or name contains a term. It looks through `window` users in the order of
 * their handles: a term that many have is found there, without sorting all of them. A rarer one is then looked up in the
 * index of trigrams; where that does not serve it, as for one or two characters, the search says how far it came.
 */
export function prepareSearch(database: UsersDatabase, window = WINDOW) {
  const { db, searchIndex } = database;
  const findFloor = prepareQuery<UsersSchema, { after: string }, { handle: string }>(db, (value) =>
    db
      .selectFrom('users')
      .select('handle')
      .where('handle', '>', value('after'))
      .orderBy('handle')
      .offset(window - 1)
      .limit(1),
  );
  const prepareRange = (bounded: boolean) =>
    prepareQuery<UsersSchema, Values & { last: string }, UserRecord>(db, (value) =>
      db
        .selectFrom('users')
        .select(COLUMNS)
        .where('handle', '>', value('after'))
        .$if(bounded, (query) => query.where('handle', '<=', value('last')))
        .where(sql<boolean>`search_text like ${value('pattern')} escape '\\'`)
        .orderBy('handle')
        .limit(value('limit')),
    );
  const inWindow = prepareRange(true);
  const toTheEnd = prepareRange(false);
  const indexed = database.system === 'sqlite' ? prepareIndexed(database) : toTheEnd;

  return async function search(term: string, limit: number, after = ''): Promise<UserSearchResult> {
    const values = { pattern: containsPattern(term), match: '', limit, after, last: '' };
    const [floor] = await findFloor({ after });
    if (floor === undefined) return { users: await toTheEnd(values) };
    const last = floor.handle;
    const users = await inWindow({ ...values, last });
    if (users.length === limit) return { users };
    if (!searchIndex.serves(term)) return { users, searchedTo: last };
    const rest = { ...values, match: ftsQuery(term), limit: limit - users.length, after: last };
    return { users: [...users, ...(await indexed(rest))] };
  };
}

/** By FTS5's table, which has the users' numbers. */
function prepareIndexed({ db }: UsersDatabase) {
  return prepareQuery<UsersSchema, Values & { match: string }, UserRecord>(db, (value) =>
    db
      .selectFrom('users_search')
      .crossJoin('users') // in this order, says SQLite's `cross`
      .select(COLUMNS)
      .where(sql<boolean>`users_search match ${value('match')}`)
      .where(sql<boolean>`users.id = users_search.rowid`)
      .where('users.handle', '>', value('after'))
      .where(sql<boolean>`users.search_text like ${value('pattern')} escape '\\'`)
      .orderBy('users.handle')
      .limit(value('limit')),
  );
}
