import type { NodePart } from '../../core/door/node.ts';
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  routes: async () => [(await import('./server/routes.ts')).mapRoute],
  tools: [{ order: 6, load: async () => [(await import('./tools/service-map.ts')).getServiceMap] }],
} satisfies NodePart;
