import * as activities from './0001-activities.ts';

/** All migrations by name, in order; a released one is never changed. */
export const migrations = { '0001-activities': activities };
