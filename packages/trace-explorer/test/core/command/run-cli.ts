import { AsyncLocalStorage } from 'node:async_hooks';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { CommandContext } from '../../../src/core/door/node.ts';
import { nodeParts } from '../../../src/parts.node.ts';
import { contextOf, runCommand } from '../../../src/run-command.ts';

const MAIN = join(import.meta.dirname, '../../../start.js');

/** What a command has written so far. */
export interface Output {
  out: string;
  error: string;
}

/** Starts a command as a process with an environment of its own. */
export function startCli(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): { readonly child: ChildProcess; readonly output: Output } {
  const { PATH, NODE_COMPILE_CACHE, XDG_DATA_HOME } = process.env;
  const child = spawn(process.execPath, [MAIN, command, ...args], {
    env: { PATH, NODE_COMPILE_CACHE, XDG_DATA_HOME, TANDEM: 'node tandem', ...env },
  });
  const output: Output = { out: '', error: '' };
  child.stdout.on('data', (chunk) => {
    output.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.error += chunk;
  });
  return { child, output };
}

/** Runs a command as a process until it ends. */
export async function runCliProcess(command: string, args: readonly string[], env?: Record<string, string>) {
  const { child, output } = startCli(command, args, env);
  const [code]: (number | null)[] = await once(child, 'close');
  return { code, ...output };
}

/** The streams of one command, in place of the process's, and how it ends. */
interface Place {
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
  exit(code: number): never;
}

const place = new AsyncLocalStorage<Place>();
for (const name of ['stdout', 'stderr', 'exit'] as const) {
  const ofProcess = process[name];
  Object.defineProperty(process, name, {
    configurable: true,
    get: () => place.getStore()?.[name] ?? ofProcess,
  });
}

class Exit extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/**
 * Runs a command until it ends, in this process, with streams and an exit code of its own: a process takes a tenth of a
 * second. The environment is this process's.
 * @param more what is different in the command's context
 */
export async function runCli(
  command: string,
  args: readonly string[],
  parts = nodeParts,
  more: Partial<CommandContext> = {},
) {
  const context = { ...contextOf(parts), ...more };
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const written = Promise.all([text(stdout), text(stderr)]);
  const exit = (code: number) => {
    throw new Exit(code);
  };
  const { exitCode } = process;
  process.exitCode = 0;
  try {
    await place.run({ stdout, stderr, exit }, () => runCommand([command, ...args], parts, context));
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    process.exitCode = error.code;
  }
  const code = process.exitCode;
  process.exitCode = exitCode;
  stdout.end();
  stderr.end();
  const [out, error] = await written;
  return { code, out, error };
}
