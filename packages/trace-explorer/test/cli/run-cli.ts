import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What a command has written so far. */
export interface Output {
  out: string;
  error: string;
}

/** Starts a command of src/cli as a process with an environment of its own. */
export function startCli(
  file: string,
  args: readonly string[],
  env: Record<string, string> = {},
): { readonly child: ChildProcess; readonly output: Output } {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const path = join(import.meta.dirname, '../../src/cli', file);
  const child = spawn(process.execPath, [path, ...args], { env: { PATH, NODE_COMPILE_CACHE, ...env } });
  const output: Output = { out: '', error: '' };
  child.stdout.on('data', (chunk) => {
    output.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.error += chunk;
  });
  return { child, output };
}

/** Runs a command of src/cli until it ends. */
export async function runCli(file: string, args: readonly string[], env?: Record<string, string>) {
  const { child, output } = startCli(file, args, env);
  const [code] = await once(child, 'close');
  return { code, ...output };
}
