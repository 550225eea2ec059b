import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    traces: true;
  }
}

/** Traces in one line each, to find one by its name, service, duration or failure. */
export const part: Part = {
  name: 'traces',
  views: {
    traces: {
      title: 'Traces',
      range: 'shared',
      moments: ['start_time', 'end_time'],
      inMenu: true,
    },
  },
};
