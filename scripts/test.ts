import { globSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { readArguments } from './lib/arguments.ts';
import { callOf, ROOT } from './lib/root.ts';
import { indent, runTestFiles, signalTestFiles } from './lib/run-test-files.ts';

/** Kinds of tests that have a command of their own, `test:KIND`, by the end of their files' names. */
const KINDS = { page: '.browser.test.ts', system: '.system.test.ts', nightly: '.nightly.test.ts' } as const;
type Kind = keyof typeof KINDS | 'fast';
const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
const kind: Kind = kinds.find((name) => process.argv.includes(`--${name}`)) ?? 'fast';
const command = kind === 'fast' ? 'test' : `test:${kind}`;
const usage = `Usage: ${callOf(command)} [FILE or FOLDER …] [-j JOBS]${kind === 'fast' ? ' [--all]' : ''}

Runs the tests in these files, or else all files of one kind, in these folders or everywhere. test runs the fast files. test:system runs files that start
processes, fill stores or inject faults (*.system.test.ts). test:page runs the page in a browser (*.browser.test.ts) and
needs Chromium. test:nightly runs long files (*.nightly.test.ts), and the long form of files with a comment
"At night too". test --all runs all of the day. The command prints each failure, then the line "N passed, N failed". The
whole TAP is in .tap/.`;
const { values, positionals } = readArguments(usage, {
  allowPositionals: true,
  options: {
    all: { type: 'boolean' },
    system: { type: 'boolean' },
    page: { type: 'boolean' },
    nightly: { type: 'boolean' },
    // On two cores, six: tests mostly wait for processes. Nightly tests keep the whole machine busy.
    jobs: { type: 'string', short: 'j', default: kind === 'nightly' ? '2' : '6' },
  },
});

/** Most files of a process. Pages share browsers, too. Nightly files measure their process's memory, so each is alone. */
const MOST_TOGETHER: Readonly<Record<Kind, number>> = { page: 15, system: 8, fast: 12, nightly: 1 };
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
const groups = positionals.length > 0 ? positionals.flatMap(named) : groupsToRun();
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
const counts = new Map(groups.map(({ kind }) => [kind, { passed: 0, failed: 0 }]));
await Promise.all(
  Array.from({ length: Number(values.jobs) }, (_, job) =>
    runGroups(job % 2 === 0 ? [busy, waiting] : [waiting, busy]),
  ),
);
writeTap();
const total = { passed: 0, failed: 0 };
for (const [kind, { passed, failed }] of counts) {
  if (counts.size > 1) console.log(`${kind}: ${passed} passed, ${failed} failed`);
  total.passed += passed;
  total.failed += failed;
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(ended === undefined ? Number(total.failed > 0) : 128 + constants.signals[ended]);

/** Runs groups that have not begun, one after the other: all of the first queue, then all of the second. */
async function runGroups([first, second]: readonly [Group[], Group[]]): Promise<void> {
  while (ended === undefined) {
    const group = first.shift() ?? second.shift();
    if (group === undefined) return;
    const { kind, files } = group;
    const begun = performance.now();
    const isLong = kind === 'nightly' && files.some((file) => has(AT_NIGHT, file));
    const { tap, passed, failures } = await runTestFiles(files, isLong ? { TEST_NIGHTLY: 'true' } : {});
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    const count = counts.get(kind) ?? { passed: 0, failed: 0 };
    count.passed += passed;
    count.failed += failures.length;
    const name = files.join(' ');
    blocks.push(
      `# Subtest: ${name}\n${indent(indent(tap))}${failures.length > 0 ? 'not ' : ''}ok ${blocks.length + 1} - ${name} # time=${seconds}s\n`,
    );
    for (const failure of failures) console.log(`not ok ${name} > ${failure}`);
    if (process.stdout.isTTY) process.stdout.write(`\r${blocks.length} of ${groups.length} processes `);
  }
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

/** The longest first, so that no processor waits at the end. */
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
  const few = (_: string, index: number) => Math.floor(index / MOST_TOGETHER[kind]);
  const groups = [...byPackage].flatMap((all) => [...Map.groupBy(all, few).values()]);
  return groups.map((files) => ({ kind, files })).toSorted((a, b) => b.files.length - a.files.length);
}
