import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    verify: true;
  }
}

/**
 * Tells whoever instruments a service whether its telemetry is right: a score by the instrumentation score's
 * rules, and what mends each finding. Pipelines and agents get the same answer. Without it a missing attribute
 * or a leaked secret is noticed when somebody needs the trace.
 */
export const part: Part = {
  name: 'verify',
  needs: ['run'],
  views: {
    verify: { title: 'Verify', range: 'always', inMenu: true, words: 'telemetry score instrumentation' },
  },
};
