import { parseArgs } from 'node:util';
import { COMPARISON_USAGE, comparePeers } from '../lib/compare-peers.ts';
import { positive } from '../lib/options.ts';
import { oneTurn } from './one-turn.ts';
import { paced } from './paced.ts';
import { ratiosOf, tableOf, versionsOf } from './report.ts';
import { ALL_VARIANTS, BASE, OURS, PLAIN, pathOf, VARIANTS } from './variants.ts';

/** The options it takes. */
export const usage = `${COMPARISON_USAGE}, or --paced [--restarts STARTS] [--rounds ROUNDS], or --one-turn [--restarts STARTS]`;

/** Measures the cost of tracers on the same work: `node tandem bench overhead`. */
export default function overhead(): Promise<void> {
  if (process.argv.includes('--paced')) {
    const options = {
      paced: { type: 'boolean' },
      restarts: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '3' },
    } as const;
    const { values } = parseArgs({ args: process.argv.slice(3), options });
    const starts = positive('--restarts', values.restarts);
    return paced(VARIANTS, starts, positive('--rounds', values.rounds));
  }
  if (process.argv.includes('--one-turn')) {
    const options = { 'one-turn': { type: 'boolean' }, restarts: { type: 'string', default: '5' } } as const;
    const { values } = parseArgs({ args: process.argv.slice(3), options });
    return oneTurn(positive('--restarts', values.restarts));
  }
  return comparePeers({
    name: 'overhead',
    folder: import.meta.dirname,
    plan: {
      warmUpRequests: 60_000,
      rounds: 80,
      requestsPerSlice: 500,
    },
    restarts: 5,
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
        `Two Fastify services, one request through both: SERVER, CLIENT, SERVER. The requests have a hundred targets at two hosts. Five variants at most are alive side by side: the untraced services, ours and the plain plugin in each start, beside two others. Each warmed up with ${plan.warmUpRequests} requests, then, after one that is left out, ${plan.rounds} slices of ${plan.requestsPerSlice} in turn, in ${restarts} starts of new processes, every second one in the opposite order.`,
        'CPU of both services, with exports and timers between slices, beside what the load generator took in the same slice, so that a slice in which the machine was slow counts as the others: median, and in brackets the tenth and ninetieth percentile of slices. Added: CPU minus the median of the untraced pair. All run with --no-allocation-site-pretenuring, as the pair does, and with --no-memory-reducer, without which V8 would shrink the heaps of services that wait for their turn. Peak: the most that both services had resident since their start (VmHWM).',
        '@fastify/otel makes spans of hooks and handlers, too.',
        'Spans are counted where they arrive. `--paced` measures latency.',
      ],
      versions: versionsOf(VARIANTS),
    }),
  });
}
