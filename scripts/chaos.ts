import { existsSync } from 'node:fs';
import { SeededRandom } from '@tandem/otlp/testing';
import { median } from '../benchmarks/lib/statistics.ts';
import { readArguments, refuseArguments, UsageError } from './lib/arguments.ts';
import { runExperiment } from './lib/chaos/experiment.ts';
import type { Fault } from './lib/chaos/fault.ts';
import { FAULTS } from './lib/chaos/faults/index.ts';
import { watchMemory } from './lib/chaos/memory.ts';
import type { Result } from './lib/chaos/report.ts';
import { now, REPORT, resultOf, writeReport } from './lib/chaos/report.ts';
import type { Stage } from './lib/chaos/stage.ts';
import { startStage } from './lib/chaos/stage.ts';
import { judge, mebibytes } from './lib/chaos/verdict.ts';
import { canMount } from './lib/chaos/volume.ts';
import { callOf } from './lib/root.ts';

// `chaos`: causes faults under load, one after the other, and says whether what is promised of them holds. It uses the
// loopback address and temporary folders alone, ends by itself, and leaves nothing behind.
const USAGE = `Usage: ${callOf('chaos')} [FAULT …] [--list] [--file PATH]
       ${callOf('chaos')} --minutes MINUTES [--seed NUMBER] [--file PATH]

  FAULT          one fault, or the beginning of several: user-lookup, trace-backend, process; all when left out
  --minutes      one fault after the other on the same two services, for so long; 1440 at most
  --seed NUMBER  the order of its faults, default 1
  --list         names the faults
  --file PATH    is written instead of docs/reliability.md, and its figures beside it`;
const MOST_MINUTES = 24 * 60;
/** How much memory may grow from the first third of a run to the last. A new process grows. */
const MOST_GROWTH = 0.05;
const LEAST_MINUTES_FOR_MEMORY = 20;

const over = new AbortController();
// A stop is often two signals, of the terminal and of the launcher. The second must not end the cleaning up.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => over.abort(new Error(`stopped by ${signal}`)));

const { positionals, values } = readArguments(USAGE, {
  allowPositionals: true,
  options: {
    list: { type: 'boolean' },
    minutes: { type: 'string' },
    seed: { type: 'string', default: '1' },
    file: { type: 'string', default: REPORT },
  },
});
const ALL = Object.values(FAULTS).flat();
if (values.list === true) for (const { name, what } of ALL) console.log(`${name.padEnd(24)} ${what}`);
else {
  const run = values.minutes === undefined ? () => runEach(chosen(positionals)) : runForMinutes;
  const areKept = await run();
  process.exitCode = over.signal.aborted ? 130 : areKept ? 0 : 1;
}

/** The faults whose names begin with one of these texts. */
function chosen(names: readonly string[]): readonly Fault[] {
  if (names.length === 0) return ALL;
  return names.flatMap((name) => {
    const exact = ALL.filter((fault) => fault.name === name);
    const found = exact.length > 0 ? exact : ALL.filter((fault) => fault.name.startsWith(`${name}-`));
    if (found.length > 0) return found;
    return fail(`There is no fault ${JSON.stringify(name)}. ${callOf('chaos')} --list names them.`);
  });
}

/** Runs each fault on new services. Resolves with whether all promises were kept. */
async function runEach(faults: readonly Fault[]): Promise<boolean> {
  let areKept = true;
  for (const fault of faults) {
    if (over.signal.aborted) return false;
    const missing = await whatIsMissing(fault);
    if (missing !== undefined) {
      console.log(`${fault.name}: skipped: needs ${missing}`);
      continue;
    }
    const result = await onStage(fault, (stage) => runOn(stage, fault)).catch((error: Error) => {
      console.error(`${fault.name}: ${error.message}`);
      return undefined;
    });
    if (result !== undefined) writeReport({ [fault.name]: result }, values.file);
    areKept = isKept(result) && areKept;
  }
  return areKept;
}

/** Runs the faults that need only the two services, on the same services, and samples their memory. */
async function runForMinutes(): Promise<boolean> {
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  if (!(minutes >= 1 && minutes <= MOST_MINUTES)) fail(`--minutes takes a number from 1 to ${MOST_MINUTES}.`);
  if (!Number.isSafeInteger(seed)) fail('--seed takes a whole number.');
  const random = new SeededRandom(seed);
  const faults = ALL.filter(({ stage, promised }) => !stage && promised.loses !== 'what is refused');
  return onStage(undefined, async (stage) => {
    const memory = watchMemory(stage);
    let areKept = true;
    let count = 0;
    const end = performance.now() + minutes * 60_000;
    while (performance.now() < end && !over.signal.aborted) {
      areKept = isKept(await runOn(stage, faults[random.below(faults.length)] as Fault)) && areKept;
      count++;
    }
    memory.stop();
    const third = Math.ceil(memory.samples.length / 3);
    const [first, last] = [memory.samples.slice(0, third), memory.samples.slice(-third)].map(median) as [
      number,
      number,
    ];
    const isGrowing = minutes >= LEAST_MINUTES_FOR_MEMORY && last > first * (1 + MOST_GROWTH);
    const figures = {
      faults: count,
      'MiB in the first third': mebibytes(first),
      'in the last': mebibytes(last),
    };
    console.log(`${count} faults in turn: ${mebibytes(first)} MiB, then ${mebibytes(last)} MiB`);
    const broken = isGrowing ? ['memory grew by more than 5 % from the first third to the last'] : [];
    for (const line of broken) console.error(`  ! ${line}`);
    if (!over.signal.aborted)
      writeReport({ [`--minutes ${minutes}`]: { ...now(), broken, figures } }, values.file);
    return areKept && !isGrowing;
  });
}

async function onStage<T>(fault: Fault | undefined, run: (stage: Stage) => Promise<T>): Promise<T> {
  const stage = await startStage(fault?.stage);
  try {
    return await run(stage);
  } finally {
    await stage.stop();
  }
}

/** Resolves with the result; undefined when the experiment did not end. */
async function runOn(stage: Stage, fault: Fault): Promise<Result | undefined> {
  try {
    const outcome = await runExperiment(fault, stage, over.signal);
    const result = resultOf(outcome, judge(fault, outcome));
    const isKept = result.broken.length === 0;
    console.log(`${fault.name}: ${isKept ? 'as promised' : 'NOT AS PROMISED'}`);
    for (const [name, value] of Object.entries(result.figures)) console.log(`  ${name}: ${value}`);
    for (const line of result.broken) console.error(`  ! ${line}`);
    if (!isKept) for (const line of outcome.remarks) console.error(`    ${line}`);
    return result;
  } catch (error) {
    console.error(`${fault.name}: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

function isKept(result: Result | undefined): boolean {
  return result?.broken.length === 0;
}

async function whatIsMissing({ stage = {} }: Fault): Promise<string | undefined> {
  if (stage.usesPostgres && !existsSync('/usr/lib/postgresql')) return 'PostgreSQL in /usr/lib/postgresql';
  if (stage.volumeMiB && !(await canMount())) return 'the right to mount a file system (root)';
  return undefined;
}

function fail(message: string): never {
  return refuseArguments(USAGE, new UsageError(message));
}
