import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { EQUAL_FOR_ALL } from './node-options.ts';

/** The arguments and variables that a variant adds to a service. */
export interface Launch {
  /** Arguments of Node before the script. */
  readonly nodeArguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** A running process that is measured. */
export interface MeasuredService {
  readonly port: number;
  /** Its processes. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

export interface ServiceScript {
  /** Path of the script, which calls `tellPort` of `tell-port.ts` when it listens. */
  readonly path: string;
  readonly arguments?: readonly string[];
  /** Where standard output goes: `kept` for the message of a process that ends, `nowhere` where it is part of the work. */
  readonly output?: 'kept' | 'nowhere';
}

/**
 * Starts a script on this Node.
 *
 * @throws Error with its last output when it ends before it listens
 */
export async function startMeasured(
  { nodeArguments, environment }: Launch,
  { path, arguments: args = [], output: kept = 'kept' }: ServiceScript,
): Promise<MeasuredService> {
  const child = spawn(process.execPath, [...EQUAL_FOR_ALL, ...nodeArguments, path, ...args], {
    cwd: dirname(path),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio: ['ignore', kept === 'kept' ? 'pipe' : 'ignore', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output = (output + chunk).slice(-4000);
    });
  }
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`A service ended with code ${code}:\n${output}`);
  });
  ended.catch(() => {});
  const [{ port }] = await Promise.race([once(child, 'message'), ended]);
  return { port, pids: [child.pid ?? 0], stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exit;
  clearTimeout(kill);
}
