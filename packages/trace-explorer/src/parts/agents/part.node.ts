import type { NodePart } from '../../core/door/node.ts';
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  runEnding: async () => (await import('./command/agent-ending.ts')).agentEnding,
} satisfies NodePart;
