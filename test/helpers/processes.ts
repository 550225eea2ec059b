import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

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

/** Starts Node 24 with the given arguments; its environment is what is given, plus PATH, HOME and the compile cache. */
export function startNode(
  directory: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): TestProcess {
  const child = spawn(process.execPath, args, {
    cwd: join(ROOT, directory),
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
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

/** Waits until `url` answers 200; throws with the process's output when it ends first or takes longer than 20 s. */
export async function untilReady(process: TestProcess, url: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    if (process.child.exitCode !== null)
      throw new Error(`The process ended before ${url} answered:\n${process.output()}`);
    if (Date.now() > deadline) throw new Error(`${url} did not answer in time:\n${process.output()}`);
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
      await response.body?.cancel();
      if (response.ok) return;
    } catch {
      // not listening yet
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Waits until the process has printed something that matches; throws with its output after 20 s. */
export async function untilOutput(process: TestProcess, pattern: RegExp): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!pattern.test(process.output())) {
    if (Date.now() > deadline) throw new Error(`${pattern} was not printed:\n${process.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
