import type { Part } from '../../core/door/part.ts';

/** Taken data also goes to Honeycomb or another receiver (EXPLORER_FORWARD). */
export const part: Part = { name: 'forward' };
