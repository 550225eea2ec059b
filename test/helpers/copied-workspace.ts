import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './processes.ts';

/** The workspace as it is committed or changed. Its own packages are those of the copy, all others are linked. */
export function copyWorkspace(copy: string): void {
  const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n');
  for (const path of tracked.filter((each) => each !== '' && existsSync(join(ROOT, each)))) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(ROOT, path), join(copy, path));
  }
  const manifests = tracked.filter((path) => /^(?:(?:packages|services)\/[^/]+\/)?package\.json$/.test(path));
  for (const folder of manifests.map((path) => join(dirname(path), 'node_modules')))
    cpSync(join(ROOT, folder), join(copy, folder), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !['.pnpm', '.cache'].includes(basename(path)),
    });
  symlinkSync(join(ROOT, 'node_modules/.pnpm'), join(copy, 'node_modules/.pnpm'), 'junction');
}

/** What the compiler says of a copied workspace; empty where all has its types. @param args of the compiler */
export async function typeErrors(copy: string, ...args: string[]): Promise<string> {
  const tsc = join(copy, 'node_modules/typescript/bin/tsc');
  const run = promisify(execFile)(process.execPath, [tsc, '--noEmit', ...args], { cwd: copy });
  return (await run.catch((error: { stdout: string }) => error)).stdout;
}
