import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { bundleTap } from './bundle-tap.ts';
import { TapReport } from './tap-report.ts';
import { ROOT } from './workspace.ts';

const STATE = join(ROOT, '.tap');
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
 * Builds tap with the plugins of .taprc, in one file for tests, unless it is built so. One process at a time: a build
 * replaces files that every test loads.
 */
export async function buildTap(): Promise<Ending> {
  await takeLock();
  try {
    const build = isBuilt() ? { code: 0, signal: null } : await tap(['build']);
    if (build.code === 0) await bundleTap(builtPlugins());
    return build;
  } finally {
    rmSync(LOCK, { force: true });
  }
}

/** The module that `tap build` writes. @throws Error when there is none yet */
function builtPlugins(): string {
  return createRequire(createRequire(import.meta.url).resolve('tap')).resolve('@tapjs/test/built');
}

/** Whether tap is built, and without the plugins that .taprc turns off (`'!name'`). */
function isBuilt(): boolean {
  const off = [...readFileSync(join(ROOT, '.taprc'), 'utf8').matchAll(/'!([^']+)'/g)].map(([, name]) => name);
  try {
    const [, signature = ''] =
      /^exports\.signature = `([^`]*)`/m.exec(readFileSync(builtPlugins(), 'utf8')) ?? [];
    const plugins = signature.split('\n');
    return plugins.length > 1 && !off.some((name) => name !== undefined && plugins.includes(name));
  } catch {
    return false;
  }
}

/**
 * tap, with this process's terminal; signals that this process gets are passed on to it and to its tests.
 * @param read gets each line of its standard output; left out, the terminal does
 */
function tap(args: readonly string[], read?: (line: string) => void): Promise<Ending> {
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

const LOCK = join(STATE, 'build.lock');

/** A build takes some seconds. */
const LOCK_TIMEOUT_MS = 120_000;

/** @throws Error naming the lock's file, when another process has kept it for too long */
async function takeLock(): Promise<void> {
  mkdirSync(STATE, { recursive: true });
  for (const end = Date.now() + LOCK_TIMEOUT_MS; Date.now() < end; ) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    if (!isAlive(ownerOf(LOCK))) rmSync(LOCK, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`Process ${ownerOf(LOCK)} still builds tap. If it does not, delete ${LOCK}.`);
}

function ownerOf(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8')) || process.pid; // empty: being written
  } catch {
    return process.pid; // gone: the next try takes it
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
