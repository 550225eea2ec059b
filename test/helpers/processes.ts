import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { until } from './until.ts';

export { freePort } from '../../scripts/lib/free-port.ts';

export const ROOT = join(import.meta.dirname, '..', '..');

/** A process under test. */
export interface TestProcess {
  readonly child: ChildProcess;
  /** Everything that it printed so far. */
  output(): string;
  /** SIGTERM (or another signal); resolves with the exit code, null when a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  readonly exited: Promise<number | null>;
}

/**
 * Starts Node with these arguments, and with this environment plus PATH, HOME, Node's options and the compile cache.
 * @param isGroup makes it the leader of a process group, which a signal to `-pid` reaches as Ctrl+C does
 */
export function startNode(
  directory: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  isGroup = false,
): TestProcess {
  return startProcess(directory, [process.execPath, ...args], env, isGroup);
}

/** The same with a limit for open files (`ulimit -n`). */
export function startNodeWithFiles(
  openFiles: number,
  directory: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): TestProcess {
  const limited = `ulimit -n ${openFiles} && exec "$0" "$@"`;
  return startProcess(directory, ['sh', '-c', limited, process.execPath, ...args], env, false);
}

/** Starts a command as `startNode` starts Node. */
export function startProcess(
  directory: string,
  [command = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  isGroup: boolean,
): TestProcess {
  const child = spawn(command, args, {
    detached: isGroup,
    cwd: resolve(ROOT, directory),
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      NODE_OPTIONS: process.env.NODE_OPTIONS,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (text += chunk));
  const exited = once(child, 'close').then(([code]: (number | null)[]) => code ?? null);
  return {
    child,
    output: () => text,
    exited,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const kill = setTimeout(() => child.kill('SIGKILL'), 15_000);
      const code = await exited;
      clearTimeout(kill);
      return code;
    },
  };
}

/** Longest time for one answer, in milliseconds: a busy machine may need some seconds. */
const ANSWER_MS = 5000;

/** Waits until `url` answers 200; throws with the process's output when it ends first or takes longer than `limitMs`. */
export async function untilReady(process: TestProcess, url: string, limitMs = 120_000): Promise<void> {
  const look = async () => {
    if (hasEnded(process)) throw new Error(`The process ended before ${url} answered:\n${process.output()}`);
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false; // not listening yet
    }
  };
  await until(look, { what: () => `${url} answers 200. Output:\n${process.output()}`, everyMs: 25, limitMs });
}

/**
 * Waits until the process has printed something that matches; throws with its output when it ends first or takes
 * longer than 60 s.
 */
export async function untilOutput(process: TestProcess, pattern: RegExp | string): Promise<void> {
  const { stdout, stderr } = process.child;
  const look = () => {
    const output = process.output();
    if (typeof pattern === 'string' ? output.includes(pattern) : pattern.test(output)) return true;
    // The last lines may come after the end of the process.
    if (hasEnded(process) && stdout?.readableEnded && stderr?.readableEnded)
      throw new Error(`The process ended without printing ${pattern}:\n${output}`);
    return false;
  };
  await until(look, { what: () => `${pattern} is printed. Output:\n${process.output()}`, everyMs: 10 });
}

function hasEnded({ child }: TestProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
