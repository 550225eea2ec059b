import type { NodePart } from '../../core/door/node.ts';
import { outlinePath } from '../../core/places/trace-paths.ts';
import { traceIdField } from '../../lib/trace-id.ts';
import commands from './commands.json' with { type: 'json' };
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  firstReads: {
    trace: ({ id = '' }) => (/^[0-9a-f]{32}$/.test(id) ? outlinePath(traceIdField(id)) : undefined),
  },
  commands: {
    trace: {
      ...commands.trace,
      load: async () => (await import('./command/trace.ts')).traceCommand,
    },
  },
  async tools() {
    const { findTracesTool, getTrace } = await import('./tools/traces.ts');
    const { getCriticalPath, compareTwoTraces } = await import('./tools/trace-analysis.ts');
    return [findTracesTool, getTrace, getCriticalPath, compareTwoTraces];
  },
} satisfies NodePart;
