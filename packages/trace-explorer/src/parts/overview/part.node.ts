import type { NodePart } from '../../core/door/node.ts';

/** The part's door for Node. */
export const node = {
  name: 'overview',
  routes: async () => [(await import('./server/routes.ts')).overviewRoutes],
} satisfies NodePart;
