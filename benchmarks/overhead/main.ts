import { parseArgs } from 'node:util';
import { installFolder } from '../lib/install-folder.ts';
import { installTelemetry } from '../lib/install-telemetry.ts';
import type { Figures, Plan } from '../lib/measure-in-turn.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { positive } from '../lib/options.ts';
import { measureOnce } from './measure.ts';
import { ratiosOf, tableOf, versionsOf } from './report.ts';
import { ALL_VARIANTS, BASE, NULL_CHECK } from './variants.ts';

const PLAN: Plan = {
  warmUpRequests: 30_000,
  rounds: 20,
  requestsPerSlice: 1_000,
  latencyRounds: 3,
  latencyRequests: 500,
  rate: 250,
};

/**
 * What tracers cost, on the same work: `node tandem bench overhead [--restarts 3] [--rounds 20] [--only NAME,…]`. With all
 * variants, docs/measurements.md gets the figures.
 */
export default async function overhead(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      restarts: { type: 'string', default: '3' },
      rounds: { type: 'string', default: String(PLAN.rounds) },
      only: { type: 'string' },
    },
  });
  const restarts = positive('--restarts', values.restarts);
  const plan = { ...PLAN, rounds: positive('--rounds', values.rounds) };
  const wanted = values.only?.split(',');
  const variants = ALL_VARIANTS.filter(
    ({ name }) =>
      wanted === undefined ||
      name === BASE ||
      name === NULL_CHECK ||
      wanted.some((part) => name.includes(part)),
  );

  console.log('Installing the peers …');
  installFolder(import.meta.dirname);
  await installTelemetry(import.meta.dirname);
  const runs: Map<string, Figures>[] = [];
  for (let restart = 1; restart <= restarts; restart++) {
    runs.push(
      await measureOnce(variants, plan, (progress) =>
        console.log(`${new Date().toISOString().slice(11, 19)} start ${restart} of ${restarts}: ${progress}`),
      ),
    );
    console.table(tableOf(runs));
  }
  const ratios = ratiosOf(runs);
  console.table(ratios);
  if (wanted !== undefined) return;
  recordMeasurements({
    title: 'Overhead: what a tracer adds',
    command: `node tandem bench overhead --restarts ${restarts} --rounds ${plan.rounds}`,
    tables: [tableOf(runs), ratios],
    notes: [
      '@tandem/telemetry is the built package of `pnpm pack:all`, as others install it, with instrumentation-undici.',
      `Two Fastify services, one request through both: SERVER, CLIENT, SERVER. Each variant warmed up with ${plan.warmUpRequests} requests, then ${plan.rounds} slices of ${plan.requestsPerSlice} in turn over all variants alive side by side, ${restarts} times from new processes.`,
      'CPU of both services, with exports and timers between slices: median, and in brackets the tenth and ninetieth percentile of slices. Added: CPU minus the median of the untraced pair. All run with --no-memory-reducer, without which V8 would shrink the heaps of services that wait for their turn.',
      'New Relic counts and times every request but keeps a sample of the spans; Sentry and the fastify instrumentations make spans of hooks and handlers, too.',
      `Latency at ${plan.rate} requests/s: median of ${plan.latencyRounds * restarts} slices of ${plan.latencyRequests}. Spans are counted where they arrive.`,
    ],
    versions: versionsOf(variants),
  });
}
