import { parseArgs } from 'node:util';
import { runExperiment } from './lib/chaos/experiment.ts';
import type { Fault } from './lib/chaos/fault.ts';
import { PARTS } from './lib/chaos/faults/index.ts';
import { whatIsMissing } from './lib/chaos/needs.ts';
import type { Rows } from './lib/chaos/report.ts';
import { REPORT, rowsOf, skippedRows, writeReport } from './lib/chaos/report.ts';
import { judge } from './lib/chaos/verdict.ts';
import { callOf } from './lib/root.ts';

// `chaos`: causes faults under load, one after the other, and writes what came of them to docs/reliability.md. It uses
// the loopback address and temporary folders alone, ends by itself, and leaves nothing behind.
const USAGE = `Usage: ${callOf('chaos')} [FAULT …] [--list] [--file PATH]

  FAULT        one fault, or the beginning of several: user-lookup, trace-backend, process; all when left out
  --list       names them
  --file PATH  is written instead of docs/reliability.md`;

const over = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => over.abort(new Error(`stopped by ${signal}`)));

const { positionals, values } = readArguments();
if (values.list === true) {
  for (const { title, faults } of PARTS) {
    console.log(title);
    for (const { name, what } of faults) console.log(`  ${name.padEnd(32)} ${what}`);
  }
} else process.exitCode = await runFaults(chosen(positionals), values.file);

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { list: { type: 'boolean' }, file: { type: 'string', default: REPORT } },
    });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

/** The faults with these names, or whose names begin so. */
function chosen(names: readonly string[]): readonly Fault[] {
  const all = PARTS.flatMap(({ faults }) => faults);
  if (names.length === 0) return all;
  return names.flatMap((name) => {
    const found = all.filter((fault) => fault.name === name || fault.name.startsWith(`${name}-`));
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
    if (rows !== undefined) writeReport(PARTS, new Map([[fault.name, rows]]), file);
    if (broken.length > 0) code = 1;
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
    const outcome = await runExperiment(fault, over.signal);
    const verdict = judge(fault, outcome);
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

function fail(message: string): never {
  console.error(`${message}\n${USAGE}`);
  process.exit(1);
}
