import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { answerHelp, refuseArguments } from './lib/arguments.ts';
import { buildTap } from './lib/build-tap.ts';
import { callOf } from './lib/root.ts';
import type { Ending } from './lib/tap.ts';
import { readTapOptions, runTap } from './lib/tap.ts';
import { ROOT } from './lib/workspace.ts';

const SYSTEM_TESTS = '**/*.system.test.ts';
const BROWSER_TESTS = '**/*.browser.test.ts';
const given = process.argv.slice(2).filter((arg) => arg !== '--');
const kind = given.includes('--page') ? 'page' : given.includes('--system') ? 'system' : undefined;
const args = given.filter((arg) => arg !== '--page' && arg !== '--system');
const command = kind === undefined ? 'test' : `test:${kind}`;
const usage = `Usage: ${callOf(command)} [FILE …] [-R REPORTER] [options of tap]

Runs the tests in these files, or else all but two kinds that have commands of their own: test:system is for those that
start processes, fill stores or inject faults (*.system.test.ts), test:page for those of the page in a browser
(*.browser.test.ts), which need Chromium. What failed and how much passed is printed, all of the TAP is in .tap/; with a
reporter of tap, what that prints.`;
answerHelp(usage, given);
// Compiled code is kept between runs, also for the processes that tests start.
process.env.NODE_COMPILE_CACHE ||= join(ROOT, 'node_modules', '.cache', 'node-compile');

const hooks = `--import=${new URL('./lib/test-hooks.mjs', import.meta.url).href}`;
process.env.NODE_OPTIONS = [process.env.NODE_OPTIONS, hooks].filter(Boolean).join(' ');

const build = await buildTap();
if (build.code !== 0) await endAs(build);
try {
  if (args.some((arg) => arg.startsWith('-'))) readTapOptions(args); // a fraction of a second
} catch (error) {
  refuseArguments(usage, error);
}
const hasReporter = args.some((arg) => /^(?:-R|--reporter)/.test(arg));
const tapFile = kind === undefined ? 'test' : `test-${kind}`;
await endAs(await runTap([...selection(), ...args], hasReporter ? undefined : tapFile));

function selection(): string[] {
  if (args.some((arg) => existsSync(arg))) return [];
  if (kind === undefined) return [`--exclude=${BROWSER_TESTS}`, `--exclude=${SYSTEM_TESTS}`];
  const limits = ['--jobs=2', '--timeout=300'];
  if (kind === 'system')
    return [...limits, ...globSync(join(ROOT, '{packages/*/test,services/*/test,test}', SYSTEM_TESTS))];
  // Two at a time: each has a browser of its own, and draws without a graphics card.
  return [...limits, ...globSync(join(ROOT, 'packages/*/test', BROWSER_TESTS))];
}

/** Ends this process as the child ended, by code or by signal: its caller sees the same. */
async function endAs({ code, signal }: Ending): Promise<never> {
  if (signal !== null) {
    process.kill(process.pid, signal);
    await new Promise((resolve) => setTimeout(resolve, 1000)); // the signal comes before that
  }
  process.exit(code ?? 1);
}
