import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    verify: true;
  }
}

/** Whether the telemetry of a service is right: a score by the instrumentation score's rules, and what mends each finding. */
export const part: Part = {
  name: 'verify',
  needs: ['run'],
  views: {
    verify: {
      title: 'Verify',
      range: 'always',
      inMenu: true,
    },
  },
};
