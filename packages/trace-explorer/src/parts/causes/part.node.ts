import type { NodePart } from '../../core/door/node.ts';
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  routes: async () => [(await import('./server/routes.ts')).causeRoutes],
  tools: async () => [(await import('./tools/causes.ts')).whatIsWrong],
  problems: {
    CAUSE_NOT_FOUND: { status: 404, title: 'No such cause' },
    KNOWN_NOT_READABLE: { status: 409, title: 'The list of hidden problems cannot be read' },
  },
} satisfies NodePart;
