import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    map: true;
  }
}

/**
 * Shows which service calls which, how often and how it goes, to whoever does not know the system: as a
 * drawing, as tables, and as a tool for agents. Without it nobody sees the system as a whole, only one trace
 * after the other.
 */
export const part: Part = {
  name: 'map',
  views: {
    map: { title: 'Map', range: 'always', inMenu: true, words: 'service dependencies calls' },
  },
};
