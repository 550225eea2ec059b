import { up as users } from './0001-users.ts';
import { up as search } from './0002-search.ts';

/** All migrations by name, in order; a released one is never changed. */
export const migrations = { '0001-users': { up: users }, '0002-search': { up: search } };
