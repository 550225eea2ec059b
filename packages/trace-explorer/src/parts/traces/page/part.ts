import type { PagePart } from '../../../page/part.ts';
import { part as traces } from '../part.ts';

export const part: PagePart = {
  part: traces,
  views: { traces: () => import('./index.tsx') },
  destinations: {
    known: () => [
      {
        kind: 'view',
        text: 'Live',
        detail: 'traces as they come',
        place: { view: 'traces', params: { live: 'true' } },
      },
    ],
    find: () => import('./find-users.ts'),
    ofService: [
      { label: 'its traces', place: (service) => ({ view: 'traces', params: { service } }) },
      { label: 'its errors', place: (service) => ({ view: 'traces', params: { service, errors: 'true' } }) },
    ],
  },
};
