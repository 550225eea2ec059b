import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    sampling: true;
  }
}

/**
 * Tells whoever pays for the events what sampling rules of Refinery or the Collector would keep, cost and lose
 * of the stored traces. It also suggests rules for a budget. Without it rules are tried in production, where a
 * lost trace stays lost.
 */
export const part: Part = {
  name: 'sampling',
  needs: ['causes'],
  views: {
    sampling: { title: 'Sampling', range: 'always', inMore: true, words: 'rules keep refinery rate cost' },
  },
};
