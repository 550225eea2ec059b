import type { Part } from '../../core/door/part.ts';

/**
 * Tells reviewers what a run did and what it changed: Markdown for a pull request, and a comparison of two runs
 * with an exit code for pipelines. Without it two runs are compared by looking at their traces.
 */
export const part: Part = { name: 'report', needs: ['causes', 'verify'] };
