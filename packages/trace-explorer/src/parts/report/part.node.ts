import type { NodePart } from '../../core/door/node.ts';
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
      usage: 'compare BASE [HEAD]',
      does: 'what a run did to every route: exit code 1 when something got worse',
      order: 9,
      load: async () => (await import('./command/compare.ts')).compareCommand,
    },
    report: {
      usage: 'report [RUN]',
      does: 'what a run did, and with --base what changed: Markdown for a pull request',
      order: 11,
      load: async () => (await import('./command/report.ts')).reportCommand,
    },
  },
  problems: { WEIGHTS_DIFFER: { status: 400, title: 'One of two runs has weights' } },
  runEnding: async () => (await import('./command/verdict/run-ending.ts')).verdictEnding,
  runsEnding: async () => (await import('./command/verdict/runs-ending.ts')).flakyEnding,
  liveCauses: async () => (await import('./command/verdict/live-causes.ts')).sayNewCauses,
} satisfies NodePart;
