import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './processes.ts';

/**
 * The output of the TypeScript compiler; empty when all types fit.
 * @param args what to check, and how
 */
export async function compile(directory: string, args: readonly string[]): Promise<string> {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const run = promisify(execFile)(process.execPath, [tsc, '--noEmit', ...args], { cwd: directory });
  const { stdout, stderr } = await run.catch((error) => error);
  return stdout + stderr;
}
