import type { PagePart } from '../../../page/part.ts';
import { part as forward } from '../part.ts';

export const part: PagePart = {
  part: forward,
  pipeline: () => import('./pipeline-section.tsx'),
};
