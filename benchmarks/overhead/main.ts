import { parseArgs } from 'node:util';
import { COMPARISON_USAGE, comparePeers } from '../lib/compare-peers.ts';
import { positive } from '../lib/options.ts';
import { paced } from './paced.ts';
import { ratiosOf, tableOf, versionsOf } from './report.ts';
import { ALL_VARIANTS, BASE, OURS, PLAIN, pathOf, VARIANTS } from './variants.ts';

/** The options it takes. */
export const usage = `${COMPARISON_USAGE}, or --paced [--restarts STARTS] [--rounds ROUNDS]`;

/** Measures the cost of tracers on the same work: `node tandem bench overhead`. */
export default function overhead(): Promise<void> {
  if (process.argv.includes('--paced')) {
    const options = {
      paced: { type: 'boolean' },
      restarts: { type: 'string', default: '4' },
      rounds: { type: 'string', default: '3' },
    } as const;
    const { values } = parseArgs({ args: process.argv.slice(3), options });
    const starts = positive('--restarts', values.restarts);
    return paced(VARIANTS, starts, positive('--rounds', values.rounds));
  }
  return comparePeers({
    name: 'overhead',
    folder: import.meta.dirname,
    plan: {
      warmUpRequests: 60_000,
      rounds: 10,
      requestsPerSlice: 4_000,
      latencyRounds: 3,
      latencyRequests: 500,
      rate: 250,
    },
    restarts: 3,
    variants: VARIANTS,
    choices: ALL_VARIANTS,
    bases: [BASE, OURS, PLAIN],
    pathOf,
    tableOf,
    ratiosOf,
    section: (plan, restarts) => ({
      title: 'Overhead: what a tracer adds',
      notes: [
        '@tandem/telemetry is the built package of `node tandem pack:all`, with the options of the pair and response headers on each route. The plain plugin is examples/by-hand, the reference. `--only swap` measures ours with one part of the plain plugin each.',
        `Two Fastify services, one request through both: SERVER, CLIENT, SERVER. Each variant warmed up with ${plan.warmUpRequests} requests, then, after one that is left out, ${plan.rounds} slices of ${plan.requestsPerSlice} in turn over all variants alive side by side, ${restarts} times from new processes.`,
        'CPU of both services, with exports and timers between slices: median, and in brackets the tenth and ninetieth percentile of slices. Added: CPU minus the median of the untraced pair. All run with --no-allocation-site-pretenuring, as the pair does, and with --no-memory-reducer, without which V8 would shrink the heaps of services that wait for their turn. Peak: the most that both services had resident since their start (VmHWM).',
        '@fastify/otel makes spans of hooks and handlers, too.',
        `Latency at ${plan.rate} requests/s: median of ${plan.latencyRounds * restarts} slices of ${plan.latencyRequests}. Spans are counted where they arrive.`,
      ],
      versions: versionsOf(VARIANTS),
    }),
  });
}
