import type { NodePart } from '../../core/door/node.ts';
import commands from './commands.json' with { type: 'json' };
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  async routes() {
    const { compareRoutes } = await import('./server/compare/routes.ts');
    const { reportRoutes } = await import('./server/routes.ts');
    return [compareRoutes, reportRoutes];
  },
  commands: {
    compare: {
      ...commands.compare,
      load: async () => (await import('./command/compare.ts')).compareCommand,
    },
    report: {
      ...commands.report,
      load: async () => (await import('./command/report.ts')).reportCommand,
    },
  },
  problems: { WEIGHTS_DIFFER: { status: 400, title: 'One of two runs has weights' } },
  runEnding: async () => (await import('./command/verdict/run-ending.ts')).verdictEnding,
  runsEnding: async () => (await import('./command/verdict/runs-ending.ts')).flakyEnding,
  liveCauses: async () => (await import('./command/verdict/live-causes.ts')).sayNewCauses,
} satisfies NodePart;
