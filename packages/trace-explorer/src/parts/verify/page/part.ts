import type { PagePart } from '../../../page/part.ts';
import { part as verify } from '../part.ts';

export const part: PagePart = { part: verify, views: { verify: () => import('./index.tsx') } };
