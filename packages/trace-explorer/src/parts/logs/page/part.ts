import type { PagePart } from '../../../page/part.ts';
import { part as logs } from '../part.ts';

export const part: PagePart = { part: logs, views: { logs: () => import('./index.tsx') } };
