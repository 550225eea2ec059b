import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    overview: true;
    service: true;
  }
}

/** Rates, failures and durations of all services, and what is wrong now: the first thing that a person looks at. */
export const part: Part = {
  name: 'overview',
  needs: ['causes'],
  views: {
    overview: {
      title: 'Overview',
      range: 'always',
      inMenu: true,
      atRoot: true,
    },
    service: { title: 'Service', ofOne: true, range: 'always' },
  },
};
