import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    map: true;
  }
}

/** Which service calls which, and how it goes: a drawing, a table and a tool. */
export const part: Part = {
  name: 'map',
  views: {
    map: {
      title: 'Map',
      range: 'always',
      inMenu: true,
    },
  },
};
