import type { NodePart } from '../../core/door/node.ts';
import commands from './commands.json' with { type: 'json' };
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  settings: async () => (await import('./clickhouse/address.ts')).engineSettings,
  commands: {
    pull: {
      ...commands.pull,
      load: async () => (await import('./command/pull.ts')).pullCommand,
    },
  },
} satisfies NodePart;
