import type { NodePart } from '../../core/door/node.ts';
import commands from './commands.json' with { type: 'json' };
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  commands: {
    import: {
      ...commands.import,
      load: async () => (await import('./command/import.ts')).importCommand,
    },
    export: {
      ...commands.export,
      load: async () => (await import('./command/export-traces.ts')).exportCommand,
    },
  },
} satisfies NodePart;
