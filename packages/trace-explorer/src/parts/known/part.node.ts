import type { NodePart } from '../../core/door/node.ts';
import commands from './commands.json' with { type: 'json' };
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  commands: {
    known: {
      ...commands.known,
      load: async () => (await import('./command/known.ts')).knownCommand,
    },
  },
} satisfies NodePart;
