import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    logs: true;
  }
}

/**
 * Shows log records as a list that follows them, with their density over time, to people, terminals and agents.
 * Without it a person reads log records only beside their trace, or by a query.
 */
export const part: Part = {
  name: 'logs',
  views: { logs: { title: 'Logs', range: 'shared', resets: ['open', 'mode'], inMenu: true } },
};
