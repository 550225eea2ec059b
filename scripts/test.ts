import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { constants } from 'node:os';
import { join, relative } from 'node:path';
import { readArguments } from './lib/arguments.ts';
import { callOf } from './lib/root.ts';
import { ROOT } from './lib/workspace.ts';

/** Kinds of tests that have a command of their own, `test:KIND`, by the end of their files' names. */
const KINDS = { system: '.system.test.ts', page: '.browser.test.ts', nightly: '.nightly.test.ts' } as const;
const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
const kind = kinds.find((name) => process.argv.includes(`--${name}`));
const command = kind === undefined ? 'test' : `test:${kind}`;
const usage = `Usage: ${callOf(command)} [FILE …] [-R REPORTER] [-j JOBS]

Runs the tests in these files, or else those of its kind. test is for the fast ones; test:system for those that start
processes, fill stores or inject faults (*.system.test.ts); test:page for those of the page in a browser
(*.browser.test.ts), which need Chromium; test:nightly for long ones (*.nightly.test.ts). What failed is printed, then the
line "N passed, N failed"; all of the TAP is in .tap/. The reporters are those of tap, such as tap, base and terse.`;
const { values, positionals } = readArguments(usage, {
  allowPositionals: true,
  options: {
    system: { type: 'boolean' },
    page: { type: 'boolean' },
    nightly: { type: 'boolean' },
    reporter: { type: 'string', short: 'R', default: process.stdout.isTTY ? 'terse' : 'min' },
    // Fast tests also wait; the others keep more than one processor busy each.
    jobs: { type: 'string', short: 'j', default: kind === undefined ? '3' : '2' },
  },
});

const files = positionals.length > 0 ? positionals.map(existing) : filesOf(kind);
const folder = join(ROOT, '.tap');
mkdirSync(folder, { recursive: true });
const output = join(folder, `${command.replace(':', '-')}.tap`);
const unfinished = `${output}.${process.pid}`; // another run may go on beside this one
const options = [`--reporter=${values.reporter}`, `--jobs=${values.jobs}`, `--output-file=${unfinished}`];
const tap = join(ROOT, 'node_modules', 'tap', 'dist', 'esm', 'run.mjs');
// tap is built with the plugins of .taprc once. A run that builds tap itself still starts tests with the old plugins.
const removedPlugins = readFileSync(join(ROOT, '.taprc'), 'utf8').match(/(?<=!)@tapjs\/[a-z-]+/g) ?? [];
const printPlugins = "import { t } from 'tap'; console.error(t.pluginSignature)";
const built = spawnSync(process.execPath, ['--input-type=module', '--eval', printPlugins], { cwd: ROOT });
if (removedPlugins.some((name) => `${built.stderr}`.split('\n').includes(name))) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [tap, 'build'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) {
    console.error(`${stdout}${stderr}tap could not be built. Delete node_modules and try again.`);
    process.exit(1);
  }
}
// The argument keeps the folders of `t.testdir()` apart from those of another run.
const program = [tap, `--test-arg=${process.pid}`];
// Compiled code is kept between runs, also for the processes that tests start.
process.env.NODE_COMPILE_CACHE ||= join(ROOT, 'node_modules', '.cache', 'node-compile');
// A group of its own, which gets the signals: tap keeps them from the tests that run.
const child = spawn(process.execPath, [...program, ...options, ...files], {
  cwd: ROOT,
  stdio: 'inherit',
  detached: true,
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => child.pid !== undefined && process.kill(-child.pid, signal));
const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
renameSync(unfinished, output);
console.log(
  `All of the TAP: ${relative(process.cwd(), output)}\n${closingLine(readFileSync(output, 'utf8'))}`,
);
process.exit(code ?? 128 + constants.signals[signal ?? 'SIGTERM']);

function existing(path: string): string {
  if (existsSync(path)) return path;
  console.error(`There is no file ${path}.`);
  return process.exit(2);
}

function filesOf(kind: keyof typeof KINDS | undefined): string[] {
  const all = globSync(['{packages,services}/*/test/**/*.test.ts', 'test/**/*.test.ts'], { cwd: ROOT });
  const ends = kind === undefined ? Object.values(KINDS) : [KINDS[kind]];
  const isOfKind = (file: string) => ends.some((end) => file.endsWith(end));
  return all.filter((file) => isOfKind(file) === (kind !== undefined)).toSorted();
}

/** Of tap's own totals, which end its output: `# { total: 12, pass: 11, fail: 1 }`. */
function closingLine(tap: string): string {
  const [, totals = ''] = /^# \{ (total: .*) \}$/m.exec(tap) ?? [];
  const count = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(totals)?.[1] ?? 0);
  return `${count('pass')} passed, ${count('total') - count('pass')} failed`;
}
