import type { Part } from '../../core/door/part.ts';

/**
 * Shows whoever is on call the rates, failures and durations of all services or of one, and what is wrong now.
 * It is the first view that a person sees. Without it the page begins with a list, and a person must know what
 * to look for.
 */
export const part: Part = { name: 'overview', needs: ['causes', 'map', 'report', 'verify'] };
