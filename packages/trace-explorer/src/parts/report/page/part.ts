import type { PagePart } from '../../../page/part.ts';
import { part as report } from '../part.ts';

export const part: PagePart = {
  part: report,
  section: () => import('./run-list.tsx'),
};
