import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    sampling: true;
  }
}

/** What sampling rules of Refinery or the Collector would keep, cost and lose of the stored traces. */
export const part: Part = {
  name: 'sampling',
  needs: ['causes'],
  views: { sampling: { title: 'Sampling', range: 'always' } },
};
