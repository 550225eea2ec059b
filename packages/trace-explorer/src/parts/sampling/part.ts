import type { Part } from '../../core/door/part.ts';

/** What sampling rules of Refinery or the Collector would keep, cost and lose of the stored traces. */
export const part: Part = { name: 'sampling', needs: ['causes'] };
