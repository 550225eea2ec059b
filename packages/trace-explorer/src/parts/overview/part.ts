import type { Part } from '../../core/door/part.ts';

/** Rates, failures and durations of all services, and what is wrong now: the first thing that a person looks at. */
export const part: Part = { name: 'overview', needs: ['causes', 'map', 'report', 'verify'] };
