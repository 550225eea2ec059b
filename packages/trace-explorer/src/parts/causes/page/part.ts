import type { PagePart } from '../../../page/part.ts';
import { part as causes } from '../part.ts';

export const part: PagePart = { part: causes, views: { cause: () => import('./index.tsx') } };
