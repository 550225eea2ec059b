import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { TraceClock, toHrTime } from '../../../src/road/spans/clock.ts';

const SCRIPT = fileURLToPath(import.meta.resolve('./fixtures/clock-offset.ts'));
const STARTS = 50;
/** Processes at a time: several for each core. */
const AT_A_TIME = 4 * availableParallelism();
/** Largest difference between two processes on one host, in nanoseconds. */
const AGREED_NS = 50_000n;
/** Exactness of a time of the clock, in nanoseconds. */
const EXACT_NS = 250n;

/** The bounds of a process's clock, and the times of its questions to the test: asked, begun, ended, answered. */
interface Start {
  readonly low: bigint;
  readonly high: bigint;
  readonly exchanges: readonly (readonly [bigint, bigint, bigint, bigint])[];
}

const clock = new TraceClock();

function time(anchor = clock.anchor()): string {
  const [seconds, nanoseconds] = toHrTime(anchor, undefined);
  return String(BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds));
}

/** Starts a process, and answers its requests like a service, with the times of a SERVER span. */
async function start(): Promise<Start> {
  const child = spawn(process.execPath, [SCRIPT], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  child.on('message', () => {
    const anchor = clock.anchor();
    child.send([time(anchor), time(anchor)]);
  });
  let output = '';
  child.stdout?.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${SCRIPT} ended with ${code}`);
  const numbers = (line: RegExp) => [...output.matchAll(line)].map((match) => match.slice(1).map(BigInt));
  const [[low = 0n, high = 0n] = []] = numbers(/^bounds (\d+) (\d+)$/gm);
  const exchanges = numbers(/^exchange (\d+) (\d+) (\d+) (\d+)$/gm) as [bigint, bigint, bigint, bigint][];
  return { low, high, exchanges };
}

t.test('processes on one host agree about the time, after any start on busy cores', async (t) => {
  const starts: Start[] = [];
  let begun = 0;
  const starter = async () => {
    for (; begun < STARTS; starts.push(await start())) begun++;
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, starter));

  for (const { low, high } of starts)
    if (low - high > EXACT_NS) t.fail(`a clock of two minds: ${low} to ${high}`);
  // The readings prove these bounds, even after long waits.
  for (const one of starts)
    for (const other of starts)
      if (one.low - other.high > AGREED_NS) t.fail(`${one.low - other.high} ns apart at least`);

  const exchanges = starts.flatMap((each) => each.exchanges);
  t.ok(exchanges.length >= 5 * STARTS);
  for (const times of exchanges)
    if (times.some((each, index) => each < (times[index - 1] ?? 0n)))
      t.fail(`a SERVER span is not within its CLIENT parent: ${times}`);
});
