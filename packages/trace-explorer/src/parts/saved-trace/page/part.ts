import type { PagePart } from '../../../page/part.ts';
import { part as savedTrace } from '../part.ts';

export const part: PagePart = {
  part: savedTrace,
  traceFiles: [() => import('./save-page.tsx')],
};
