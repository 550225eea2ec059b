import type { PagePart } from '../../../page/part.ts';
import { part as webTracing } from '../part.ts';

export const part: PagePart = { part: webTracing };
