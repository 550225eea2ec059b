import { up as activities } from './0001-activities.ts';
import { up as expiryAndIdempotency } from './0002-expiry-and-idempotency.ts';
import { up as search } from './0003-search.ts';

/** All migrations by name, in order; a released one is never changed. */
export const migrations = {
  '0001-activities': { up: activities },
  '0002-expiry-and-idempotency': { up: expiryAndIdempotency },
  '0003-search': { up: search },
};
