import { readArguments, UsageError } from '../../tools/arguments.ts';
import { callOf } from '../../tools/root.ts';
import { canStartPostgres } from '../helpers/postgres-cluster.ts';
import { canMount } from '../helpers/volume.ts';
import { runExperiment } from './experiment.ts';
import type { Fault } from './fault.ts';
import { FAULTS } from './faults/index.ts';
import { REPORT, resultOf, writeReport } from './report.ts';
import { startStage } from './stage.ts';
import { judge } from './verdict.ts';

// `chaos`: causes faults under load, one after the other, and checks each fault's promise. It uses the
// loopback address and temporary folders alone, ends by itself, and leaves nothing behind.
const USAGE = `Usage: ${callOf('chaos')} [FAULT …] [--list] [--file PATH]

Causes faults under load, one after the other, and checks what was promised about each.

  FAULT          one fault, or the beginning of several: user-lookup, trace-backend, process (default: all)
  --list         lists the faults
  --file PATH    writes the report there, with its figures beside it, instead of to docs/reliability.md`;

const over = new AbortController();
// A stop is often two signals, of the terminal and of the launcher. The second must not end the cleaning up.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => over.abort(new Error(`stopped by ${signal}`)));

const ALL = Object.values(FAULTS).flat();
const options = { list: { type: 'boolean' }, file: { type: 'string', default: REPORT } } as const;
const { faults, list, file } = readArguments(USAGE, { allowPositionals: true, options }, (given) => ({
  ...given.values,
  faults: given.positionals.length === 0 ? ALL : given.positionals.flatMap(faultsNamed),
}));
if (list === true) for (const { name, what } of ALL) console.log(`${name.padEnd(24)} ${what}`);
else {
  let areKept = true;
  for (const fault of faults) if (!over.signal.aborted) areKept = (await run(fault)) && areKept;
  process.exitCode = over.signal.aborted ? 130 : areKept ? 0 : 1;
}

/** The fault with this name, or all faults with names that begin so. @throws UsageError for an unknown name */
function faultsNamed(name: string): readonly Fault[] {
  const exact = ALL.filter((fault) => fault.name === name);
  const found = exact.length > 0 ? exact : ALL.filter((fault) => fault.name.startsWith(`${name}-`));
  if (found.length > 0) return found;
  throw new UsageError(`There is no fault ${JSON.stringify(name)}. ${callOf('chaos')} --list names them.`);
}

/** Runs a fault on new services. Resolves with whether its promise was kept; a fault that cannot run breaks none. */
async function run(fault: Fault): Promise<boolean> {
  const missing = await whatIsMissing(fault);
  if (missing !== undefined) {
    console.log(`${fault.name}: skipped: needs ${missing}`);
    return true;
  }
  try {
    await using stage = await startStage(fault.stage);
    const outcome = await runExperiment(fault, stage, over.signal);
    const result = resultOf(outcome, judge(fault, outcome));
    const isKept = result.broken.length === 0;
    console.log(`${fault.name}: ${isKept ? 'as promised' : 'NOT AS PROMISED'}`);
    for (const [name, value] of Object.entries(result.figures)) console.log(`  ${name}: ${value}`);
    for (const line of result.broken) console.error(`  ! ${line}`);
    if (!isKept) for (const line of outcome.remarks) console.error(`    ${line}`);
    writeReport({ [fault.name]: result }, file);
    return isKept;
  } catch (error) {
    console.error(`${fault.name}: ${error instanceof Error ? error.message : error}`);
    return false;
  }
}

async function whatIsMissing({ stage = {} }: Fault): Promise<string | undefined> {
  if (stage.usesPostgres && !canStartPostgres()) return 'PostgreSQL in /usr/lib/postgresql';
  if (stage.volumeMiB && !(await canMount())) return 'the right to mount a file system (root)';
  return undefined;
}
