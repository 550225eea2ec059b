import type { PagePart } from '../../../page/part.ts';
import { part as tryIt } from '../part.ts';

export const part: PagePart = {
  part: tryIt,
  views: { try: () => import('./index.tsx') },
  firstRequest: {
    label: 'Try it',
    place: ({ apiUrl }) => (apiUrl === '' ? undefined : { view: 'try', params: {} }),
    url: async (signal) => (await import('./first-url.ts')).firstUrl(signal),
  },
};
