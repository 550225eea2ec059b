import { COMPARISON_USAGE, comparePeers } from '../lib/compare-peers.ts';
import { LINES, ratiosOf, tableOf, versionsOf } from './report.ts';
import { ALL_VARIANTS, BASE, OURS_BASE } from './variants.ts';

/** The options it takes. */
export const usage = COMPARISON_USAGE;

/** Measures the cost of exporting a line of pino, beside other exporters: `node tandem bench logs`. */
export default function logs(): Promise<void> {
  return comparePeers({
    name: 'logs',
    folder: import.meta.dirname,
    plan: {
      warmUpRequests: 4_000,
      rounds: 8,
      requestsPerSlice: 400,
    },
    // V8 optimises each new process differently. Two processes differ by more than two slices of one process.
    restarts: 5,
    variants: ALL_VARIANTS,
    bases: [BASE, OURS_BASE],
    pathOf: (index) => `/activities/user-${index % 5000}`,
    tableOf,
    ratiosOf,
    section: (plan, restarts) => ({
      title: 'Logs: what exporting a line adds',
      notes: [
        `A Fastify service whose request writes ${LINES} lines within one span, Fastify's own two among them. Each variant warmed up with ${plan.warmUpRequests} requests, then ${plan.rounds} slices of ${plan.requestsPerSlice} in turn over all variants alive side by side, ${restarts} times from new processes. Standard output goes to /dev/null.`,
        'CPU of the process with all of its threads, exports and timers between slices: median, and in brackets the tenth and ninetieth percentile of slices. Added: CPU minus that of plain pino in the same round, because the machine is not as fast in all of them; by the lines of a request. @tandem/telemetry also makes a span of each request, which no peer does: what its lines add is over @tandem/telemetry without log records.',
        '@tandem/telemetry is the built package of `node tandem pack:all`, as others install it.',
        'The queues of the peers hold a million lines, so that none is cheap because it drops: lines are counted where they arrive.',
      ],
      versions: versionsOf(),
    }),
  });
}
