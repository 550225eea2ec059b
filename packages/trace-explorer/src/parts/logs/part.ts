import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    logs: true;
  }
}

/** Log records as a list that can follow them, for people, terminals and agents. */
export const part: Part = {
  name: 'logs',
  views: { logs: { title: 'Logs', range: 'shared', inMenu: true } },
};
