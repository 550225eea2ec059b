import type { Part } from '../../core/door/part.ts';

declare module '../../core/places/views.ts' {
  interface ViewNames {
    cause: true;
    // Of parts that it does not need.
    conversation: true;
    overview: true;
  }
}

/**
 * Tells people and agents why requests fail or are slow: failures and slow requests by their cause, with
 * examples and what sets them apart. Without it the overview says only that something is wrong.
 */
export const part: Part = {
  name: 'causes',
  needs: ['query', 'traces'],
  views: { cause: { title: 'Problem', within: 'overview', ofOne: true, range: 'always' } },
  traceLists: {
    cause: { params: ['seconds'], path: (id) => `/api/causes/${encodeURIComponent(id)}/traces` },
  },
};
