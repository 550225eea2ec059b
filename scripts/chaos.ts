import { readArguments, refuseArguments, UsageError } from './lib/arguments.ts';
import type { Outcome } from './lib/chaos/experiment.ts';
import { runExperiment } from './lib/chaos/experiment.ts';
import type { Fault } from './lib/chaos/fault.ts';
import { PARTS } from './lib/chaos/faults/index.ts';
import { runMixed } from './lib/chaos/mixed.ts';
import { whatIsMissing } from './lib/chaos/needs.ts';
import type { Rows } from './lib/chaos/report.ts';
import {
  describeMixed,
  MIXED,
  mixedRows,
  REPORT,
  rowsOf,
  skippedRows,
  writeReport,
} from './lib/chaos/report.ts';
import type { Verdict } from './lib/chaos/verdict.ts';
import { judge, wasBusy } from './lib/chaos/verdict.ts';
import { callOf } from './lib/root.ts';

// `chaos`: causes faults under load, one after the other, and writes what came of them to docs/reliability.md. It uses
// the loopback address and temporary folders alone, ends by itself, and leaves nothing behind.
const USAGE = `Usage: ${callOf('chaos')} [FAULT …] [--short] [--list] [--file PATH]
       ${callOf('chaos')} --minutes MINUTES | --hours HOURS [--seed NUMBER] [--file PATH]

  FAULT          one fault, or the beginning of several: user-lookup, trace-backend, process; all when left out
  --short        less time before and after each: a look, not a measurement
  --minutes, --hours
                 mixed load: a fault every 20 s, for so long; 24 hours at most. Ctrl+C ends it and says what was seen
  --seed NUMBER  the order of its faults, default 1
  --list         names the faults
  --file PATH    is written instead of docs/reliability.md`;
const SHORT_PACE = 0.25;
const MOST_MINUTES = 24 * 60;
/** How often a fault is caused while the machine is too busy to tell whether its promise is kept. */
const MOST_ATTEMPTS = 3;

const over = new AbortController();
// One stop is often two signals, the terminal's and the launcher's: the second must not end what cleans up.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => over.abort(new Error(`stopped by ${signal}`)));

const { positionals, values } = readArguments(USAGE, {
  allowPositionals: true,
  options: {
    short: { type: 'boolean' },
    list: { type: 'boolean' },
    minutes: { type: 'string' },
    hours: { type: 'string' },
    seed: { type: 'string', default: '1' },
    file: { type: 'string', default: REPORT },
  },
});
if (values.list === true) {
  for (const { title, faults } of PARTS) {
    console.log(title);
    for (const { name, what } of faults) console.log(`  ${name.padEnd(32)} ${what}`);
  }
} else if (values.minutes !== undefined || values.hours !== undefined)
  process.exitCode = await runMixedFaults();
else process.exitCode = await runFaults(chosen(positionals), values.file);

/** The faults with these names, or whose names begin so. */
function chosen(names: readonly string[]): readonly Fault[] {
  const all = PARTS.flatMap(({ faults }) => faults);
  if (names.length === 0) return all;
  return names.flatMap((name) => {
    const exact = all.filter((fault) => fault.name === name);
    const found = exact.length > 0 ? exact : all.filter((fault) => fault.name.startsWith(`${name}-`));
    if (found.length > 0) return found;
    return fail(`There is no fault ${JSON.stringify(name)}. ${callOf('chaos')} --list names them.`);
  });
}

/** Resolves with the exit code: 1 when a promise was not kept, or an experiment did not come to its end. */
async function runFaults(faults: readonly Fault[], file: string): Promise<number> {
  let code = 0;
  for (const fault of faults) {
    if (over.signal.aborted) return 130;
    const { rows, broken } = await runFault(fault);
    const changed = rows === undefined ? [] : writeReport(PARTS, new Map([[fault.name, rows]]), file);
    for (const line of changed) console.error(`  ! ${line}`);
    if (broken.length > 0 || changed.length > 0) code = 1;
  }
  return over.signal.aborted ? 130 : code;
}

async function runFault(fault: Fault): Promise<{ rows: Rows | undefined; broken: readonly string[] }> {
  const missing = await whatIsMissing(fault.needs ?? []);
  if (missing !== undefined) {
    console.log(`${fault.name}: skipped: ${missing}`);
    return { rows: skippedRows(fault, missing), broken: [] };
  }
  try {
    const { outcome, verdict } = await attempt(fault);
    const rows = rowsOf(fault, verdict, outcome);
    console.log(`${fault.name}: ${verdict.broken.length === 0 ? 'as promised' : 'NOT AS PROMISED'}`);
    for (const line of [verdict.callers, verdict.trace, `lost: ${verdict.lost}`, `back: ${verdict.recovery}`])
      console.log(`  ${line}`);
    console.log(`  ${rows.figures?.slice(1).join(' | ')}`);
    for (const line of verdict.broken) console.error(`  ! ${line}`);
    if (verdict.broken.length > 0) for (const line of outcome.remarks) console.error(`    ${line}`);
    return { rows, broken: verdict.broken };
  } catch (error) {
    console.error(`${fault.name}: ${error instanceof Error ? error.message : error}`);
    return { rows: undefined, broken: ['it did not come to its end'] };
  }
}

async function attempt(fault: Fault): Promise<{ outcome: Outcome; verdict: Verdict }> {
  for (let number = 1; ; number++) {
    const outcome = await runExperiment(fault, { signal: over.signal, pace: values.short ? SHORT_PACE : 1 });
    const verdict = judge(fault, outcome);
    if (verdict.broken.length === 0 || !wasBusy(outcome)) return { outcome, verdict };
    const why = `the machine was busy before it (p99 ${outcome.before.p99.toFixed(0)} ms)`;
    console.error(`${fault.name}: ${verdict.broken.join('; ')}: ${why}`);
    if (number === MOST_ATTEMPTS)
      throw new Error(`too busy to tell, ${MOST_ATTEMPTS} times; its row stays as it was`);
  }
}

async function runMixedFaults(): Promise<number> {
  const minutes = Number(values.minutes ?? Number(values.hours) * 60);
  const seed = Number(values.seed);
  if (!(minutes >= 1 && minutes <= MOST_MINUTES))
    fail('--minutes takes a number from 1 to 1440, --hours one up to 24.');
  if (!Number.isSafeInteger(seed)) fail('--seed takes a whole number.');
  const faults = PARTS.flatMap((part) => part.faults).filter(({ isMixed }) => isMixed);
  try {
    const outcome = await runMixed(faults, { milliseconds: minutes * 60_000, seed, signal: over.signal });
    const lasted = Math.min(minutes, outcome.milliseconds / 60_000);
    const rows = mixedRows(outcome, { minutes: over.signal.aborted ? lasted : minutes, seed });
    if (over.signal.aborted)
      console.log(
        `Stopped after ${lasted.toFixed(1)} of ${minutes} minutes; no file is written. Until then:`,
      );
    for (const line of describeMixed(rows)) console.log(`  ${line}`);
    for (const line of outcome.broken) console.error(`  ! ${line}`);
    if (over.signal.aborted) return 130;
    const changed = writeReport(PARTS, new Map([[MIXED, rows]]), values.file);
    for (const line of changed) console.error(`  ! ${line}`);
    if (outcome.broken.length > 0) for (const line of outcome.remarks) console.error(`    ${line}`);
    return outcome.broken.length + changed.length === 0 ? 0 : 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return over.signal.aborted ? 130 : 1;
  }
}

function fail(message: string): never {
  return refuseArguments(USAGE, new UsageError(message));
}
