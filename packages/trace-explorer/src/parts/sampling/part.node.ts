import type { NodePart } from '../../core/door/node.ts';
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  routes: async () => [(await import('./server/routes.ts')).sampleRoutes],
  commands: {
    sample: {
      usage: 'sample --rules FILE',
      does: 'what sampling rules would keep, cost and lose',
      order: 10,
      load: async () => (await import('./command/sample.ts')).sampleCommand,
    },
  },
  tools: async () => [(await import('./tools/sampling.ts')).trySampling],
  problems: { BAD_RULES: { status: 400, title: 'The sampling rules cannot be read' } },
} satisfies NodePart;
