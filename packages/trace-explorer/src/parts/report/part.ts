import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    runs: true;
    report: true;
    // Of a part that it does not need.
    overview: true;
  }
}

/**
 * Tells reviewers what a run did and what it changed: as a view, as Markdown for a pull request, and as a
 * comparison of two runs with an exit code for pipelines. Without it two runs are compared by looking at their
 * traces.
 */
export const part: Part = {
  name: 'report',
  needs: ['run', 'verify'],
  views: {
    runs: { title: 'Runs and reports', inMore: true, words: 'compare tests commands branch' },
    report: { title: 'Report' },
  },
};
