import type { NodePart } from '../../core/door/node.ts';
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  routes: async () => [(await import('./server/routes.ts')).densityRoute],
  commands: {
    logs: {
      usage: 'logs',
      does: 'the newest log lines; -f follows',
      order: 3,
      load: async () => (await import('./command/logs.ts')).logsCommand,
    },
  },
  tools: async () => [(await import('./tools/logs.ts')).getLogs],
} satisfies NodePart;
