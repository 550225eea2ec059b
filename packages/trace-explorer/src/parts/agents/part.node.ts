import type { NodePart } from '../../core/door/node.ts';

/** The part's door for Node. */
export const node = {
  name: 'agents',
  runEnding: async () => (await import('./command/agent-ending.ts')).agentEnding,
} satisfies NodePart;
