import type { NodePart } from '../../core/door/node.ts';
import commands from './commands.json' with { type: 'json' };
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  routes: async () => [(await import('./server/routes.ts')).mcpRoutes],
  commands: {
    mcp: {
      ...commands.mcp,
      load: async () => (await import('./command/mcp.ts')).mcpCommand,
    },
    agents: {
      ...commands.agents,
      load: async () => (await import('./command/agents/agents.ts')).agentsCommand,
    },
  },
  async tools() {
    const { getWorkspaceContext, getEnvironment, getDataset } = await import('./tools/workspace.ts');
    return [getWorkspaceContext, getEnvironment, getDataset];
  },
} satisfies NodePart;
