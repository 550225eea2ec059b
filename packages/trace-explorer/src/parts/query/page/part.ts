import type { PagePart } from '../../../page/part.ts';
import { part as query } from '../part.ts';

export const part: PagePart = {
  part: query,
  views: { query: () => import('./index.tsx') },
  destinations: {
    read: () => import('./destinations.ts'),
  },
};
