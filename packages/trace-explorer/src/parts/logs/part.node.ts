import type { NodePart } from '../../core/door/node.ts';
import commands from './commands.json' with { type: 'json' };
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  routes: async () => [(await import('./server/routes.ts')).densityRoute],
  commands: {
    logs: {
      ...commands.logs,
      load: async () => (await import('./command/logs.ts')).logsCommand,
    },
  },
  tools: async () => [(await import('./tools/logs.ts')).getLogs],
} satisfies NodePart;
