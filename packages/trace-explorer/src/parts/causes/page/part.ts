import type { PagePart } from '../../../page/part.ts';
import { part as causes } from '../part.ts';
import { lastInspection } from './last-inspection.ts';

export const part: PagePart = {
  part: causes,
  views: { cause: () => import('./index.tsx') },
  destinations: { known: () => lastInspection.causes },
};
