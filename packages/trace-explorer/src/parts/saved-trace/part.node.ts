import type { NodePart } from '../../core/door/node.ts';
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  routes: async () => [(await import('./server/saved-page.ts')).savedPageRoutes],
  problems: { TOO_MANY_VALUES: { status: 422, title: 'Too many different values to redact' } },
} satisfies NodePart;
