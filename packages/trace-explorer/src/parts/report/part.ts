import type { Part } from '../../core/door/part.ts';

/** What a run did and what it changed: Markdown for a pull request, and the comparison of two runs. */
export const part: Part = { name: 'report', needs: ['causes', 'verify'] };
