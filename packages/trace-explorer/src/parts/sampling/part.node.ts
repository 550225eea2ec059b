import type { NodePart } from '../../core/door/node.ts';
import commands from './commands.json' with { type: 'json' };
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  routes: async () => [(await import('./server/routes.ts')).sampleRoutes],
  commands: {
    sample: {
      ...commands.sample,
      load: async () => (await import('./command/sample.ts')).sampleCommand,
    },
  },
  tools: async () => [(await import('./tools/sampling.ts')).trySampling],
  problems: { BAD_RULES: { status: 400, title: 'The sampling rules cannot be read' } },
} satisfies NodePart;
