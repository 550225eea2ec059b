import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { styleText } from 'node:util';
import { endWithThisProcess } from './end-with-this-process.ts';

/** One process of the workspace, as `pnpm dev` and `pnpm start` run it. */
export interface ProcessSpec {
  readonly name: string;
  /** Absolute working directory. */
  readonly directory: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Answers 200 once the process can serve. */
  readonly readyUrl: string;
}

export interface Group {
  /** Resolves when every process is ready; rejects, naming the process, when one ends or fails before. */
  readonly ready: Promise<void>;
  /** Resolves with an exit code when a process has ended by itself. */
  readonly ended: Promise<number>;
  /** Stops every process: SIGTERM, and SIGKILL after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

const READY_TIMEOUT_MS = 30_000;
const COLORS = ['cyan', 'yellow', 'magenta'] as const;

/**
 * Starts the processes and prints their output, each line behind the name of its process. They stop when this process
 * ends, whatever ends it.
 */
export function startGroup(
  specs: readonly ProcessSpec[],
  print: (prefix: string, line: string) => void,
): Group {
  const width = Math.max(...specs.map((spec) => spec.name.length));
  const children = specs.map((spec, index) => {
    const child = spawn(process.execPath, spec.arguments, {
      cwd: spec.directory,
      env: { ...spec.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const prefix = styleText(COLORS[index % COLORS.length] ?? 'cyan', `${spec.name.padEnd(width)} │ `);
    return { spec, child, failed: watchOutput(child, (line) => print(prefix, line)) };
  });
  const release = endWithThisProcess(children.flatMap(({ child }) => child.pid ?? []));
  return {
    ready: Promise.all(
      children.map(async ({ spec, child, failed }) => {
        const ended = once(child, 'exit').then(() => failed);
        const problem = await Promise.race([failed, ended, waitUntilReady(spec)]);
        if (problem !== undefined) throw new Error(`${spec.name} ${problem}`);
      }),
    ).then(() => undefined),
    ended: Promise.race(children.map(async ({ child }) => Number((await once(child, 'exit'))[0] ?? 1))),
    async stop(graceMs = 10_000) {
      await Promise.all(children.map(({ child }) => stopChild(child, graceMs)));
      release();
    },
  };
}

/** Resolves with a problem when the process says that it has failed (`node --watch` stays alive after that). */
function watchOutput(child: ChildProcess, print: (line: string) => void): Promise<string> {
  return new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        print(line);
        if (line.startsWith('Failed running ')) resolve('could not start; its last lines above say why.');
      });
    }
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code) =>
      setImmediate(resolve, `ended with exit code ${code}; its last lines above say why.`),
    );
  });
}

async function waitUntilReady(spec: ProcessSpec): Promise<string | undefined> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    try {
      const response = await fetch(spec.readyUrl, { signal: AbortSignal.timeout(1000) });
      await response.body?.cancel();
      if (response.ok) return undefined;
    } catch {
      // not listening yet
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return `did not answer ${spec.readyUrl} within ${READY_TIMEOUT_MS / 1000} s.`;
}

async function stopChild(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(kill);
}
