import type { PagePart } from '../../../page/part.ts';
import { part as report } from '../part.ts';

export const part: PagePart = {
  part: report,
  views: { runs: () => import('./runs.tsx'), report: () => import('./report.tsx') },
  destinations: {
    known: () => [
      {
        kind: 'view',
        text: 'Report',
        detail: 'of the newest run',
        words: 'report run changes pull request markdown',
        place: { view: 'report', params: {} },
      },
    ],
  },
};
