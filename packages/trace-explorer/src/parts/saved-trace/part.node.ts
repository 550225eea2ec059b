import type { NodePart } from '../../core/door/node.ts';

/** The part's door for Node. */
export const node = {
  name: 'saved-trace',
  routes: async () => [(await import('./server/saved-page.ts')).savedPageRoutes],
} satisfies NodePart;
