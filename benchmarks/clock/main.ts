import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { recordMeasurements } from '../lib/measurements.ts';
import { positive } from '../lib/options.ts';
import { quantile } from '../lib/statistics.ts';

const SCRIPT = fileURLToPath(
  import.meta.resolve('../../packages/telemetry/test/sdk/fixtures/clock-offset.ts'),
);

/** Never ends by itself, and holds a core. */
const BUSY = 'for (;;) Math.random();';

/** The options it takes. */
export const usage = '[--starts 50]';

/**
 * How far two processes on one host disagree about the time of one instant: each start
 * is a pair of new processes, while a busy loop per core and one more compete with them.
 */
export default async function clock(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { starts: { type: 'string', default: '50' } },
  });
  const starts = positive('--starts', values.starts);
  const loops = Array.from({ length: availableParallelism() + 1 }, () =>
    spawn(process.execPath, ['--eval', BUSY], { stdio: 'ignore' }),
  );
  const apart: number[] = [];
  try {
    for (let start = 1; start <= starts; start++) {
      const [a, b] = await Promise.all([offsetOfNewProcess(), offsetOfNewProcess()]);
      apart.push(Math.abs(Number(a - b)) / 1_000);
    }
  } finally {
    for (const loop of loops) loop.kill('SIGKILL');
  }
  const rows = [
    {
      starts,
      'median, µs': quantile(apart, 0.5).toFixed(1),
      'p99, µs': quantile(apart, 0.99).toFixed(1),
      'at most, µs': Math.max(...apart).toFixed(1),
      'over 50 µs': apart.filter((microseconds) => microseconds > 50).length,
    },
  ];
  console.table(rows);
  recordMeasurements({
    title: 'Clock: how far two processes on one host disagree',
    command: `node tandem bench clock --starts ${starts}`,
    tables: [rows],
    notes: [
      `Each start is two new processes beside ${loops.length} busy loops. Both say what their clock of spans adds to the monotonic clock that they share.`,
    ],
  });
}

/** In nanoseconds: the middle of what its bounds leave. @throws Error when the process fails */
async function offsetOfNewProcess(): Promise<bigint> {
  const child = spawn(process.execPath, [SCRIPT], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${SCRIPT} ended with ${code}`);
  const [, low = '', high = ''] = /^bounds (\d+) (\d+)$/m.exec(output) ?? [];
  return (BigInt(low) + BigInt(high)) / 2n;
}
