import type { Part } from '../../core/door/part.ts';

/** Which service calls which, and how it goes: a drawing, a table and a tool. */
export const part: Part = { name: 'map' };
