import type { PagePart } from '../../../page/part.ts';
import { part as overview } from '../part.ts';

export const part: PagePart = {
  part: overview,
  views: {
    overview: () => import('./index.tsx'),
    service: () => import('./index.tsx'),
  },
  destinations: {
    ofService: [{ label: 'its page', place: (name) => ({ view: 'service', id: name, params: {} }) }],
  },
};
