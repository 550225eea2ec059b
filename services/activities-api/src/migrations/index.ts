import { up as activities } from './0001-activities.ts';
import { up as expiryAndIdempotency } from './0002-expiry-and-idempotency.ts';
import { up as search } from './0003-search.ts';
import { up as recipientsByTime } from './0004-recipients-by-time.ts';
import { up as searchOnSqlite } from './0005-search-on-sqlite.ts';
import { up as searchByDay } from './0006-search-by-day.ts';
import { up as mergeSearchOnSqlite } from './0007-merge-search-on-sqlite.ts';
import { up as searchByPeriod } from './0008-search-by-period.ts';

/** All migrations by name, in order; a released one is never changed. */
export const migrations = {
  '0001-activities': { up: activities },
  '0002-expiry-and-idempotency': { up: expiryAndIdempotency },
  '0003-search': { up: search },
  '0004-recipients-by-time': { up: recipientsByTime },
  '0005-search-on-sqlite': { up: searchOnSqlite },
  '0006-search-by-day': { up: searchByDay },
  '0007-merge-search-on-sqlite': { up: mergeSearchOnSqlite },
  '0008-search-by-period': { up: searchByPeriod },
};
