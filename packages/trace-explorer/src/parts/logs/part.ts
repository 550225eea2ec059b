import type { Part } from '../../core/door/part.ts';

/** Log records as a list that can follow them, for people, terminals and agents. */
export const part: Part = { name: 'logs' };
