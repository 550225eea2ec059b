import type { PagePart } from '../../../page/part.ts';
import { part as sampling } from '../part.ts';

export const part: PagePart = { part: sampling, views: { sampling: () => import('./index.tsx') } };
