import type { NodePart } from '../../core/door/node.ts';
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  commands: {
    import: {
      usage: 'import FILE…',
      does: 'stores traces from OTLP JSON files, and from answers of Jaeger and Tempo',
      order: 4,
      load: async () => (await import('./command/import.ts')).importCommand,
    },
    export: {
      usage: 'export [ID…]',
      does: 'writes traces as OTLP JSON, one per line, or into FILE.parquet; all of them without an id',
      order: 5,
      load: async () => (await import('./command/export-traces.ts')).exportCommand,
    },
  },
} satisfies NodePart;
