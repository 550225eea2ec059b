import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { withSpread } from '../../scripts/lib/statistics.ts';
import { installFolder } from '../lib/install-folder.ts';
import { installTelemetry } from '../lib/install-telemetry.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { positive } from '../lib/options.ts';

const IDLE_WORKERS = fileURLToPath(new URL('./idle-workers.ts', import.meta.url));
/** A folder that has what telemetry's tarball depends on. */
const PEERS = join(import.meta.dirname, '..', 'overhead');
/** There are no spans to send, but what sends them is loaded. */
const NOBODY = 'http://127.0.0.1:9';
const REGISTER = '@tandem/telemetry/register';

/** The options it takes. */
export const usage = '[--rounds 20]';

/** The processor time of a process whose worker threads only wait, for each of them, in milliseconds. */
function idleWorkers(nodeArguments: readonly string[]): number {
  const sends = { OTEL_EXPORTER_OTLP_ENDPOINT: NOBODY, OTEL_SERVICE_NAME: 'workers', LOG_LEVEL: 'warn' };
  const env = { ...process.env, ...sends };
  const options = { cwd: PEERS, env, encoding: 'utf8' } as const;
  const output = execFileSync(process.execPath, [...nodeArguments, IDLE_WORKERS], options);
  const [, workers, ms] = /workers: (\d+), ([\d.]+)/.exec(output) ?? [];
  return Number(ms) / Number(workers);
}

/** The processor time of worker threads that only wait, without and with telemetry, in turn. */
export default async function workers(): Promise<void> {
  const options = { rounds: { type: 'string', default: '20' } } as const;
  const rounds = positive('--rounds', parseArgs({ args: process.argv.slice(3), options }).values.rounds);
  console.log('Installing the peers …');
  installFolder(PEERS);
  await installTelemetry(PEERS);
  const untraced: number[] = [];
  const traced: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const [plain, register] = [idleWorkers([]), idleWorkers(['--import', REGISTER])];
    if (round === 0) continue; // it fills the system's cache of files
    untraced.push(plain);
    traced.push(register);
  }
  const added = traced.map((ms, round) => ms - (untraced[round] ?? Number.NaN));
  const table = [
    { 'worker threads': 'untraced', 'CPU ms a thread': withSpread(untraced, 0), 'added ms': '0' },
    {
      'worker threads': REGISTER,
      'CPU ms a thread': withSpread(traced, 0),
      'added ms': withSpread(added, 0),
    },
  ];
  console.table(table);
  recordMeasurements({
    name: 'workers',
    title: 'Worker threads that only wait',
    command: `node tandem bench workers --rounds ${rounds}`,
    notes: [
      `Processor time of 16 worker threads that wait for 300 ms, as a share of one. @tandem/telemetry as its tarball has it; ${rounds} starts of each in turn: median, and in brackets the tenth and ninetieth percentile. Added: over the untraced process in the same round.`,
    ],
    tables: [table],
  });
}
