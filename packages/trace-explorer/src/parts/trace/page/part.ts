import type { PagePart } from '../../../page/part.ts';
import { part as trace } from '../part.ts';
import type {} from './state/contributions.ts';

export const part: PagePart = { part: trace, views: { trace: () => import('./index.tsx') } };
