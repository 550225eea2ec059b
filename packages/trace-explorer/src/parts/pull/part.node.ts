import type { NodePart } from '../../core/door/node.ts';
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  settings: async () => (await import('./clickhouse/address.ts')).engineSettings,
  commands: {
    pull: {
      usage: 'pull ADDRESS',
      does: 'brings some whole traces from ClickHouse, each with how many it stands for',
      order: 13,
      load: async () => (await import('./command/pull.ts')).pullCommand,
    },
  },
} satisfies NodePart;
