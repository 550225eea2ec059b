import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    traces: true;
  }
}

/**
 * Shows traces in one line each as they arrive, to find one by its name, service, duration or failure. Without
 * it a person reaches a trace only by its id, by a query or by a cause.
 */
export const part: Part = {
  name: 'traces',
  views: {
    traces: {
      title: 'Traces',
      range: 'shared',
      moments: ['start_time', 'end_time'],
      resets: ['pages'],
      inMenu: true,
    },
  },
};
