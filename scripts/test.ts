import { existsSync, globSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { readArguments } from './lib/arguments.ts';
import { callOf } from './lib/root.ts';
import { indent, runTestFile, signalTestFiles } from './lib/run-test-file.ts';
import { ROOT } from './lib/workspace.ts';

/** Kinds of tests that have a command of their own, `test:KIND`, by the end of their files' names. */
const KINDS = { system: '.system.test.ts', page: '.browser.test.ts', nightly: '.nightly.test.ts' } as const;
const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
const kind = kinds.find((name) => process.argv.includes(`--${name}`));
const command = kind === undefined ? 'test' : `test:${kind}`;
const usage = `Usage: ${callOf(command)} [FILE …] [-j JOBS]

Runs the tests in these files, or else those of its kind. test is for the fast ones; test:system for those that start
processes, fill stores or inject faults (*.system.test.ts); test:page for those of the page in a browser
(*.browser.test.ts), which need Chromium; test:nightly for long ones (*.nightly.test.ts). What failed is printed, then the
line "N passed, N failed"; all of the TAP is in .tap/.`;
const { values, positionals } = readArguments(usage, {
  allowPositionals: true,
  options: {
    system: { type: 'boolean' },
    page: { type: 'boolean' },
    nightly: { type: 'boolean' },
    // For two cores: tests wait as well, most of all for processes. Nightly ones keep the whole machine busy.
    jobs: { type: 'string', short: 'j', default: kind === 'system' ? '4' : kind === 'nightly' ? '2' : '3' },
  },
});

// Compiled code is kept between runs, also for the processes that tests start.
process.env.NODE_COMPILE_CACHE ||= join(ROOT, 'node_modules', '.cache', 'node-compile');
const files = positionals.length > 0 ? positionals.map(existing) : filesOf(kind);
let ended: NodeJS.Signals | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    ended = signal;
    signalTestFiles(signal);
  });

const waiting = files.values();
const blocks: string[] = [];
let passed = 0;
let failed = 0;
await Promise.all(Array.from({ length: Number(values.jobs) }, runWaiting));
writeTap();
console.log(`${passed} passed, ${failed} failed`);
process.exit(ended === undefined ? Number(failed > 0) : 128 + constants.signals[ended]);

/** Runs the files that nobody has begun, one after the other. */
async function runWaiting(): Promise<void> {
  for (const file of waiting) {
    if (ended !== undefined) return;
    const begun = performance.now();
    const { tap, passed: held, failures } = await runTestFile(file);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    passed += held;
    failed += failures.length;
    blocks.push(
      `# Subtest: ${file}\n${indent(indent(tap))}${failures.length > 0 ? 'not ' : ''}ok ${blocks.length + 1} - ${file} # time=${seconds}s\n`,
    );
    for (const failure of failures) console.log(`not ok ${file} > ${failure}`);
    if (process.stdout.isTTY) process.stdout.write(`\r${blocks.length} of ${files.length} files `);
  }
}

/** All TAP of this run, which replaces that of the last one. */
function writeTap(): void {
  const folder = join(ROOT, '.tap');
  mkdirSync(folder, { recursive: true });
  const output = join(folder, `${command.replace(':', '-')}.tap`);
  const unfinished = `${output}.${process.pid}`; // another run may end at the same time
  writeFileSync(unfinished, `TAP version 14\n${blocks.join('')}1..${blocks.length}\n`);
  renameSync(unfinished, output);
  console.log(`All of the TAP: ${relative(process.cwd(), output)}`);
}

function existing(path: string): string {
  if (existsSync(path)) return relative(ROOT, resolve(path));
  console.error(`There is no file ${path}.`);
  return process.exit(2);
}

function filesOf(kind: keyof typeof KINDS | undefined): string[] {
  const all = globSync(['{packages,services}/*/test/**/*.test.ts', 'test/**/*.test.ts'], { cwd: ROOT });
  const ends = kind === undefined ? Object.values(KINDS) : [KINDS[kind]];
  const isOfKind = (file: string) => ends.some((end) => file.endsWith(end));
  return all.filter((file) => isOfKind(file) === (kind !== undefined)).toSorted();
}
