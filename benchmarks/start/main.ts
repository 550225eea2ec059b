import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median, withSpread } from '../../tools/statistics.ts';
import { startSideBySide } from '../lib/in-turn/side-by-side.ts';
import { installFolder } from '../lib/install-folder.ts';
import { installTelemetry } from '../lib/install-telemetry.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { positive } from '../lib/options.ts';
import { usageOf } from '../lib/thread-times.ts';
import { versionsOf } from '../overhead/report.ts';
import { BASE, OURS, OURS_LEAN, OURS_RUN, PLAIN, TEXTBOOK, VARIANTS } from '../overhead/variants.ts';

const WANTED = [BASE, OURS, OURS_RUN, OURS_LEAN, PLAIN, TEXTBOOK];

/** The options it takes. */
export const usage = '[--rounds 20]';

/** The processor time of the two services of `bench overhead` until both listen, under each tracer in turn. */
export default async function start(): Promise<void> {
  const options = { rounds: { type: 'string', default: '20' } } as const;
  const rounds = positive('--rounds', parseArgs({ args: process.argv.slice(3), options }).values.rounds);
  const folder = join(import.meta.dirname, '..', 'overhead');
  console.log('Installing the peers …');
  installFolder(folder);
  await installTelemetry(folder);
  const variants = VARIANTS.filter(({ name }) => WANTED.includes(name));
  const times = new Map(variants.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const variant of round % 2 === 0 ? variants : variants.toReversed()) {
      const { services, stop } = await startSideBySide([variant]);
      const { cpuMs } = usageOf(services.get(variant.name)?.pids ?? []);
      if (round > 0) times.get(variant.name)?.push(cpuMs); // the first round fills the system's cache of files
      await stop();
    }
  }
  const of = (name: string) => times.get(name) ?? [];
  const added = (name: string) => of(name).map((ms, round) => ms - (of(BASE)[round] ?? Number.NaN));
  const table = variants.map(({ name }) => ({
    tracer: name,
    'CPU ms until both listen': withSpread(of(name), 0),
    'added ms': withSpread(added(name), 0),
    "of the plain plugin's": (median(added(name)) / median(added(PLAIN))).toFixed(2),
  }));
  console.table(table);
  recordMeasurements({
    name: 'start',
    title: 'Start: what a tracer adds',
    command: `node tandem bench start --rounds ${rounds}`,
    notes: [
      `The two services of "Overhead: what a tracer adds", @tandem/telemetry as its tarball has it; ${rounds} starts of each in turn, every second round in the opposite order. Processor time until both listen: median, and in brackets the tenth and ninetieth percentile. Added: over the untraced services in the same round.`,
    ],
    versions: versionsOf(variants),
    tables: [table],
  });
}
