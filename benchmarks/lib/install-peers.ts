import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Installs what a benchmark compares with into the folder that pins it, as its lockfile says. */
export function installPeers(folder: string): void {
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
    throw new Error(`The peers could not be installed:\n${result.stdout}${result.stderr}`);
}

/** The version of a peer installed in that folder; `path` is a package's name, or its folder's path below. */
export function versionOf(folder: string, path: string): string {
  const below = path.startsWith('sdk-3/') ? path : join('node_modules', path);
  const manifest: { version: string } = JSON.parse(readFileSync(join(folder, below, 'package.json'), 'utf8'));
  return manifest.version;
}

function packageManager(): string {
  const file = join(import.meta.dirname, '..', '..', 'package.json');
  const manifest: { packageManager: string } = JSON.parse(readFileSync(file, 'utf8'));
  return manifest.packageManager;
}
