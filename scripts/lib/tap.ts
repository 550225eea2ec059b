import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { removeUnfinished } from './remove-unfinished.ts';
import { TapReport } from './tap-report.ts';
import { ROOT } from './workspace.ts';

/** What tap and its reports keep between runs. */
export const STATE = join(ROOT, '.tap');
const TAP = join(ROOT, 'node_modules', 'tap', 'dist', 'esm', 'run.mjs');
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How a process ended: with a code, or by a signal. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Runs tap so that another run may go on beside it: each has folders of its own for `t.testdir()`.
 * @param name names the file of the whole TAP, `.tap/NAME.tap`; undefined leaves the output to tap
 */
export async function runTap(args: readonly string[], name?: string): Promise<Ending> {
  const own = [`--test-arg=${process.pid.toString(36)}`, ...args];
  if (name === undefined) return tap(own);
  mkdirSync(STATE, { recursive: true });
  removeUnfinished(STATE);
  const path = join(STATE, `${name}.tap`);
  const unfinished = join(STATE, `${name}-${process.pid}.tap`);
  const file = createWriteStream(unfinished);
  const report = new TapReport(process.stdout);
  const ending = await tap(['--reporter=tap', ...own], (line) => {
    file.write(`${line}\n`);
    report.read(line);
  });
  await finished(file.end());
  renameSync(unfinished, path);
  report.end(relative(process.cwd(), path));
  return ending;
}

/** Reads options as tap does. @throws tap's Error for one that it does not have */
export function readTapOptions(args: readonly string[]): void {
  const run = createRequire(createRequire(import.meta.url).resolve('tap')).resolve('@tapjs/run/package.json');
  const { TapConfig }: { TapConfig: new () => { parse(args: string[]): unknown } } =
    createRequire(run)('@tapjs/config');
  // tap writes each option into the environment, its own choice of plugins as well, and would be built anew by that.
  const { ...environment } = process.env;
  try {
    new TapConfig().parse([...args]);
  } finally {
    process.env = environment;
  }
}

/**
 * Runs tap with this process's terminal. Signals that this process gets are passed on to tap and its tests.
 * @param read gets each line of tap's standard output; where it is left out, the terminal does
 * @throws Error when tap cannot be started
 */
export function tap(args: readonly string[], read?: (line: string) => void): Promise<Ending> {
  // A process group of its own, because tap keeps SIGTERM from the tests that run. Not node_modules/.bin/tap: the shell
  // in between would keep it from both.
  const child = spawn(process.execPath, [TAP, ...args], {
    cwd: ROOT,
    stdio: ['inherit', read === undefined ? 'inherit' : 'pipe', 'inherit'],
    detached: true,
  });
  if (read !== undefined && child.stdout !== null) createInterface(child.stdout).on('line', read);
  const pass = (signal: NodeJS.Signals) => {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  };
  for (const signal of SIGNALS) process.on(signal, pass);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const each of SIGNALS) process.off(each, pass);
      resolve({ code, signal });
    });
  });
}
