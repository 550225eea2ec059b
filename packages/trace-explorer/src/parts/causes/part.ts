import type { Part } from '../../core/door/part.ts';

/**
 * Tells people and agents why requests fail or are slow: failures and slow requests by their cause, with
 * examples and what sets them apart. Without it the overview says only that something is wrong.
 */
export const part: Part = { name: 'causes', needs: ['query', 'traces'] };
