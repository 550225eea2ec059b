import type { Part } from '../../core/door/part.ts';
import { traceIdField } from '../../core/shared/trace-id.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    trace: true;
  }
}

/** One trace as a waterfall, with the fields of each span; as text for a terminal and for agents. */
export const part: Part = {
  name: 'trace',
  views: {
    trace: {
      title: 'Trace',
      ofOne: true,
      about: (id) => traceIdField(id).slice(0, 8),
    },
  },
};
