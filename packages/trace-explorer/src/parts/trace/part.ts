import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    trace: true;
    // Of a part that it does not need.
    traces: true;
  }
}

/**
 * Shows one trace as a waterfall with the fields, events and log lines of its spans, to whoever follows a
 * request. Terminals and agents get it as text. Without it lists and causes lead to a trace that nobody can
 * read.
 */
export const part: Part = {
  name: 'trace',
  views: {
    trace: { title: 'Trace', within: 'traces', ofOne: true },
  },
};
