import type { Part } from '../../core/door/part.ts';

/**
 * Why requests fail or are slow: failures and slow requests by their cause, for people and agents. Without it the overview says
 * only that something is wrong.
 */
export const part: Part = { name: 'causes', needs: ['query', 'traces'] };
