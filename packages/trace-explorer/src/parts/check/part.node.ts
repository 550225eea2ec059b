import type { NodePart } from '../../core/door/node.ts';
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  commands: {
    check: {
      usage: 'check [FILE…]',
      does: 'Honeycomb triggers as a gate: exit code 1 when one fires',
      order: 7,
      load: async () => (await import('./command/check.ts')).checkCommand,
    },
  },
  tools: async () => [(await import('./tools/triggers.ts')).getTriggers],
} satisfies NodePart;
