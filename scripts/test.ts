import { globSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { built } from '../packages/trace-explorer/built.js';
import { readArguments } from '../tools/arguments.ts';
import { callOf, ROOT } from '../tools/root.ts';
import type { TestFailure } from './lib/run-test-files.ts';
import { grepOf, indent, runTestFiles, signalTestFiles } from './lib/run-test-files.ts';
import { divide, keepTimings, readTimings, secondsOf } from './lib/test-timings.ts';

/** Kinds of tests that have a command of their own, `test:KIND`, by the end of their files' names. */
const KINDS = { page: '.browser.test.ts', system: '.system.test.ts', nightly: '.nightly.test.ts' } as const;
type Kind = keyof typeof KINDS | 'fast';
const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
const kind: Kind = kinds.find((name) => process.argv.includes(`--${name}`)) ?? 'fast';
const command = kind === 'fast' ? 'test' : `test:${kind}`;
const usage = `Usage: ${callOf(command)} [FILE or FOLDER …] [-t TEXT] [-j JOBS]${kind === 'fast' ? ' [--all]' : ''}

Runs the tests in these files, or else all files of one kind, in these folders or everywhere. test runs the fast files. test:system runs files that start
processes, fill stores or inject faults (*.system.test.ts). test:page runs the page in a browser (*.browser.test.ts) and
needs Chromium. test:nightly runs long files (*.nightly.test.ts), and the long form of files with a comment
"At night too". test --all runs all of the day. -t runs only tests whose name contains the text. The command prints each
failure with the command that repeats it, then the line "N passed, N failed". The whole TAP is in .tap/.`;
const { values, positionals } = readArguments(usage, {
  allowPositionals: true,
  options: {
    all: { type: 'boolean' },
    system: { type: 'boolean' },
    page: { type: 'boolean' },
    nightly: { type: 'boolean' },
    test: { type: 'string', short: 't' },
    // On two cores, six: tests mostly wait for processes. Nightly tests keep the whole machine busy.
    jobs: { type: 'string', short: 'j', default: kind === 'nightly' ? '2' : '6' },
  },
});

/** Files of a process, on average. Pages share browsers, too. Nightly files measure their process's memory, so each is alone. */
const TOGETHER: Readonly<Record<Kind, number>> = { page: 15, system: 8, fast: 12, nightly: 1 };
/** The comment in a file that changes its process for all tests. */
const ALONE = /^\/\/ Alone in its process: /m;
/** The comment in a file of another kind that does more with TEST_NIGHTLY. */
const AT_NIGHT = /^\/\/ At night too: /m;

/** Files that run in one process, one after the other. */
interface Group {
  readonly kind: Kind;
  readonly files: readonly string[];
}

// Compiled code is kept between runs, also for the processes that tests start.
process.env.NODE_COMPILE_CACHE ||= join(ROOT, 'node_modules', '.cache', 'node-compile');
// No test waits for the build of what it starts.
await built();
const timings = readTimings();
const chosen = (positionals.length > 0 ? positionals.flatMap(named) : groupsToRun()).toSorted(
  // The longest first, so that no processor waits at the end.
  (a, b) => secondsOf(b.files, timings) - secondsOf(a.files, timings),
);
const groups = values.test === undefined ? chosen : withTest(chosen, values.test);
let ended: NodeJS.Signals | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    ended = signal;
    signalTestFiles(signal);
  });

// Pages and fast files keep a processor busy, the others mostly wait: half of the jobs begin with each.
const busy = groups.filter(({ kind }) => kind !== 'system');
const waiting = groups.filter(({ kind }) => kind === 'system');
const blocks: string[] = [];
const measured: Record<string, number> = {};
const counts = new Map(groups.map(({ kind }) => [kind, { passed: 0, failed: 0 }]));
await Promise.all(
  Array.from({ length: Number(values.jobs) }, (_, job) =>
    runGroups(job % 2 === 0 ? [busy, waiting] : [waiting, busy]),
  ),
);
writeTap();
if (positionals.length === 0 && values.test === undefined) keepTimings(measured);
const total = { passed: 0, failed: 0 };
for (const [kind, { passed, failed }] of counts) {
  if (counts.size > 1) console.log(`${kind}: ${passed} passed, ${failed} failed`);
  total.passed += passed;
  total.failed += failed;
}
const hasNone = values.test !== undefined && total.passed + total.failed === 0;
if (hasNone) console.error(`No test of these files has a name with ${JSON.stringify(values.test)}.`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(ended === undefined ? Number(total.failed > 0 || hasNone) : 128 + constants.signals[ended]);

/** Runs groups that have not begun, one after the other: all of the first queue, then all of the second. */
async function runGroups([first, second]: readonly [Group[], Group[]]): Promise<void> {
  while (ended === undefined) {
    const group = first.shift() ?? second.shift();
    if (group === undefined) return;
    const { kind, files } = group;
    const isLong = kind === 'nightly' && files.some((file) => has(AT_NIGHT, file));
    const variables = {
      ...(isLong && { TEST_NIGHTLY: 'true' }),
      ...(values.test !== undefined && { TAP_GREP: grepOf(values.test) }),
    };
    const { tap, passed, failures, seconds } = await runTestFiles(files, variables, printFailure);
    if (ended === undefined && !isLong) Object.assign(measured, seconds);
    const time = Object.values(seconds).reduce((sum, each) => sum + each, 0);
    const count = counts.get(kind) ?? { passed: 0, failed: 0 };
    count.passed += passed;
    count.failed += failures.length;
    const name = files.join(' ');
    blocks.push(
      `# Subtest: ${name}\n${indent(indent(tap))}${failures.length > 0 ? 'not ' : ''}ok ${blocks.length + 1} - ${name} # time=${time.toFixed(1)}s\n`,
    );
    if (process.stdout.isTTY) process.stdout.write(`\r${blocks.length} of ${groups.length} processes `);
  }
}

function printFailure({ file, test, text }: TestFailure): void {
  const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
  const words = [file, ...(test === undefined ? [] : ['-t', quoted(test)])];
  const again = callOf(kind === 'nightly' ? command : 'test');
  console.log(`not ok ${file} > ${text}\n  alone: ${again} ${words.join(' ')}`);
}

/** The files whose text has the name of the test, or all, because a name may be put together. */
function withTest(all: readonly Group[], text: string): Group[] {
  const some = all.flatMap(({ kind, files }) => {
    const have = files.filter((file) => readFileSync(join(ROOT, file), 'utf8').includes(text));
    return have.length > 0 ? [{ kind, files: have }] : [];
  });
  return some.length > 0 ? some : [...all];
}

/** Writes the TAP of this run, and replaces the last run's TAP. */
function writeTap(): void {
  const folder = join(ROOT, '.tap');
  mkdirSync(folder, { recursive: true });
  const output = join(folder, `${values.all ? 'test-all' : command.replace(':', '-')}.tap`);
  const unfinished = `${output}.${process.pid}`; // another run may end at the same time
  writeFileSync(unfinished, `TAP version 14\n${blocks.join('')}1..${blocks.length}\n`);
  renameSync(unfinished, output);
  console.log(`All of the TAP: ${relative(process.cwd(), output)}`);
}

function named(path: string): Group[] {
  const file = relative(ROOT, resolve(path));
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return groupsToRun(`${file}/`);
  if (found !== undefined) return [{ kind, files: [file] }];
  console.error(`There is no file ${path}.`);
  return process.exit(2);
}

function groupsToRun(folder = ''): Group[] {
  const files = globSync(['{packages,services}/*/test/**/*.test.ts', 'test/**/*.test.ts'], { cwd: ROOT });
  const wanted: readonly Kind[] = values.all ? ['page', 'system', 'fast'] : [kind];
  const inside = files.filter((file) => file.startsWith(folder)).toSorted();
  return wanted.flatMap((each) =>
    groupsOf(
      each,
      inside.filter((file) => kindOf(file) === each || (each === 'nightly' && has(AT_NIGHT, file))),
    ),
  );
}

function kindOf(file: string): Kind {
  return kinds.find((name) => file.endsWith(KINDS[name])) ?? 'fast';
}

function has(comment: RegExp, file: string): boolean {
  return comment.test(readFileSync(join(ROOT, file), 'utf8'));
}

/** Files of a package share processes, because to load it takes long; only the explorer's, where files start processes. */
function groupsOf(kind: Kind, files: readonly string[]): Group[] {
  const shares = (file: string) => (kind === 'system' ? /trace-explorer/.test(file) : !has(ALONE, file));
  const byPackage = Map.groupBy(files, (file) => (shares(file) ? file.split('test/')[0] : file)).values();
  const groups = [...byPackage].flatMap((all) =>
    divide(all, Math.ceil(all.length / TOGETHER[kind]), timings),
  );
  return groups.map((files) => ({ kind, files }));
}
