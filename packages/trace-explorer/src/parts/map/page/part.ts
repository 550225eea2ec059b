import type { PagePart } from '../../../page/part.ts';
import { part as map } from '../part.ts';

export const part: PagePart = { part: map, views: { map: () => import('./index.tsx') } };
