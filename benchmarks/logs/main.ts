import { parseArgs } from 'node:util';
import { installFolder } from '../lib/install-folder.ts';
import { installTelemetry } from '../lib/install-telemetry.ts';
import type { Figures, Plan } from '../lib/measure-in-turn.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { positive } from '../lib/options.ts';
import { measureOnce } from './measure.ts';
import { LINES, ratiosOf, tableOf, versionsOf } from './report.ts';
import { ALL_VARIANTS, BASE } from './variants.ts';

const PLAN: Plan = {
  warmUpRequests: 4_000,
  rounds: 15,
  requestsPerSlice: 400,
  latencyRounds: 3,
  latencyRequests: 500,
  rate: 250,
};

/**
 * What exporting a line of pino costs, beside the other ways: `node tandem bench logs [--restarts 2] [--rounds 15]
 * [--only NAME,…]`. With all variants, docs/measurements.md gets the figures.
 */
export default async function logs(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      restarts: { type: 'string', default: '2' },
      rounds: { type: 'string', default: String(PLAN.rounds) },
      only: { type: 'string' },
    },
  });
  const restarts = positive('--restarts', values.restarts);
  const plan = { ...PLAN, rounds: positive('--rounds', values.rounds) };
  const wanted = values.only?.split(',');
  const variants = ALL_VARIANTS.filter(
    ({ name }) => wanted === undefined || name === BASE || wanted.some((part) => name.includes(part)),
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
    title: 'Logs: what exporting a line adds',
    command: `node tandem bench logs --restarts ${restarts} --rounds ${plan.rounds}`,
    tables: [tableOf(runs), ratios],
    notes: [
      `A Fastify service whose request writes ${LINES} lines within one span, Fastify's own two among them. Each variant warmed up with ${plan.warmUpRequests} requests, then ${plan.rounds} slices of ${plan.requestsPerSlice} in turn over all variants alive side by side, ${restarts} times from new processes. Standard output goes to /dev/null.`,
      'CPU of the process with all of its threads, exports and timers between slices: median, and in brackets the tenth and ninetieth percentile of slices. Added: CPU minus the median of plain pino, by the lines of a request.',
      '@tandem/telemetry is the built package of `pnpm pack:all`, as others install it.',
      'The queues of the peers hold a million lines, so that none is cheap because it drops: lines are counted where they arrive.',
      `Latency at ${plan.rate} requests/s: median of ${plan.latencyRounds * restarts} slices of ${plan.latencyRequests}.`,
    ],
    versions: versionsOf(),
  });
}
