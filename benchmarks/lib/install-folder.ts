import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Installs what a benchmark alone needs into a folder that is a workspace of its own, as its lockfile says.
 * @throws Error with what the package manager said
 */
export function installFolder(folder: string): void {
  // Under pnpm the running one is at hand; it may be a script or a program. npm's would not read the lockfile.
  const running = process.env.npm_execpath;
  const [command, ...before] =
    running === undefined || !/\.c?js$/.test(running)
      ? ['npx', '-y', packageManager()]
      : [process.execPath, running];
  const result = spawnSync(command ?? '', [...before, 'install', '--frozen-lockfile', '--prefer-offline'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (result.status !== 0)
    throw new Error(`What ${folder} needs could not be installed:\n${result.stdout}${result.stderr}`);
}

function packageManager(): string {
  const file = join(import.meta.dirname, '..', '..', 'package.json');
  const manifest: { packageManager: string } = JSON.parse(readFileSync(file, 'utf8'));
  return manifest.packageManager;
}
