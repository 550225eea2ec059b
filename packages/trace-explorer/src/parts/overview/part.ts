import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    overview: true;
    service: true;
    // It links to these two where their parts are there.
    map: true;
    verify: true;
  }
}

/**
 * Shows whoever is on call the rates, failures and durations of all services or of one, and what is wrong now.
 * It is the first view that a person sees. Without it the page begins with a list, and a person must know what
 * to look for.
 */
export const part: Part = {
  name: 'overview',
  needs: ['causes'],
  views: {
    overview: {
      title: 'Overview',
      range: 'always',
      inMenu: true,
      atRoot: true,
      skip: 'what is wrong',
    },
    service: { title: 'Service', within: 'overview', ofOne: true, range: 'always', skip: 'what is wrong' },
  },
};
