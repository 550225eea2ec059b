import type { NodePart } from '../../core/door/node.ts';
import commands from './commands.json' with { type: 'json' };
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  commands: {
    check: {
      ...commands.check,
      load: async () => (await import('./command/check.ts')).checkCommand,
    },
  },
  tools: async () => [(await import('./tools/triggers.ts')).getTriggers],
} satisfies NodePart;
