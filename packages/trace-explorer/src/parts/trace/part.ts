import type { Part } from '../../core/door/part.ts';

/** One trace as a waterfall, with the fields of each span; as text for a terminal and for agents. */
export const part: Part = { name: 'trace' };
