import type { Part } from '../../core/door/part.ts';
import type {} from './status.ts';

/** Taken data also goes to Honeycomb or another receiver (EXPLORER_FORWARD). */
export const part: Part = { name: 'forward' };
