import { queryPlace } from '../../../core/places/place.ts';
import { readyMadeQueries } from '../../../core/query/build/ready-made.ts';
import type { PagePart } from '../../../page/part.ts';
import { part as query } from '../part.ts';

export const part: PagePart = {
  part: query,
  views: { query: () => import('./index.tsx') },
  destinations: {
    known: () =>
      readyMadeQueries.map(({ title, about, query: asked }) => ({
        kind: 'query',
        text: title,
        detail: about,
        place: queryPlace(asked),
      })),
    read: () => import('./destinations.ts'),
  },
};
