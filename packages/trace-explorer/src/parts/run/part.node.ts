import type { NodePart } from '../../core/door/node.ts';
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  commands: {
    run: {
      usage: 'run -- COMMAND',
      does: 'runs a command and shows its traces',
      order: 1,
      load: async () => (await import('./command/run.ts')).runProgram,
    },
  },
} satisfies NodePart;
