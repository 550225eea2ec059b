import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

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
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const path = join(import.meta.dirname, '../../src/main.ts');
  const child = spawn(process.execPath, [path, command, ...args], {
    env: { PATH, NODE_COMPILE_CACHE, TANDEM: 'node tandem', ...env },
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

/** Runs a command until it ends. */
export async function runCli(command: string, args: readonly string[], env?: Record<string, string>) {
  const { child, output } = startCli(command, args, env);
  const [code] = await once(child, 'close');
  return { code, ...output };
}
