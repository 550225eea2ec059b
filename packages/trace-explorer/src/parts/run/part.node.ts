import type { NodePart } from '../../core/door/node.ts';
import commands from './commands.json' with { type: 'json' };
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  commands: {
    run: {
      ...commands.run,
      load: async () => (await import('./command/run.ts')).runProgram,
    },
  },
} satisfies NodePart;
