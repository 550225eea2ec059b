import type { NodePart } from '../../core/door/node.ts';
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  routes: async () => [(await import('./server/routes.ts')).mcpRoutes],
  commands: {
    mcp: {
      usage: 'mcp',
      does: 'answers agents about the running explorer (Model Context Protocol)',
      order: 12,
      load: async () => (await import('./command/mcp.ts')).mcpCommand,
    },
    agents: {
      usage: 'agents',
      does: 'sets up the coding agents of this machine to ask the explorer',
      order: 13,
      load: async () => (await import('./command/agents/agents.ts')).agentsCommand,
    },
  },
  async tools() {
    const { getWorkspaceContext, getEnvironment, getDataset } = await import('./tools/workspace.ts');
    return [getWorkspaceContext, getEnvironment, getDataset];
  },
} satisfies NodePart;
