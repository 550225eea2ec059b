import type { NodePart } from '../../core/door/node.ts';
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  commands: {
    known: {
      usage: 'known [add|prune]',
      does: 'the problems that a project has accepted: lists, adds and removes them',
      order: 12,
      load: async () => (await import('./command/known.ts')).knownCommand,
    },
  },
  acceptance: async () => (await import('./file/acceptance.ts')).acceptance,
} satisfies NodePart;
