import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './processes.ts';

/** Milliseconds that a test may take which installs from the registry, on a busy machine: alone it takes some seconds. */
export const INSTALL_TIMEOUT_MS = 300_000;

/** Where what tests install from the registry stays between runs. */
const CACHE = join(ROOT, 'node_modules', '.cache', 'tests');

/**
 * Makes `directory` a package of its own and installs `packages` into it with npm, as somebody outside of this workspace
 * does.
 *
 * @throws Error with npm's output
 */
export async function npmInstall(
  directory: string,
  packages: readonly string[],
  manifest: object = { name: 'plain', version: '1.2.3', private: true },
): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'package.json'), JSON.stringify(manifest));
  await npm(directory, ['install', ...packages]);
}

/** Runs npm in `directory`, which asks the registry only for what its cache lacks. */
export async function npm(directory: string, args: readonly string[]): Promise<void> {
  await promisify(execFile)(
    'npm',
    [...args, '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'],
    {
      cwd: directory,
      shell: process.platform === 'win32', // npm is a script there
      maxBuffer: 16 * 1024 * 1024,
    },
  );
}

const installing = new Map<string, Promise<string>>();

/**
 * The binary of a version of Node; installed from npm when it is needed for the first time, some 40 MB to fetch.
 *
 * @param version exact, such as `22.23.3`; the version of this process means this process's own binary
 */
export function nodeBinary(version: string): Promise<string> {
  if (version === process.versions.node) return Promise.resolve(process.execPath);
  const binary = installing.get(version) ?? installNode(version);
  installing.set(version, binary);
  return binary;
}

async function installNode(version: string): Promise<string> {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const directory = join(CACHE, `node-${version}`);
  const binary = join(directory, 'node_modules', name, 'bin', platform === 'win' ? 'node.exe' : 'node');
  if (existsSync(binary)) return binary;
  // Moved there when it is whole: another test file may install the same now, and a file that is being written does not run.
  await mkdir(CACHE, { recursive: true });
  const whole = await mkdtemp(join(CACHE, 'installing-'));
  await npmInstall(whole, [`${name}@${version}`]);
  await rename(whole, directory).catch((error) => {
    if (!existsSync(binary)) throw error;
  });
  await rm(whole, { recursive: true, force: true });
  return binary;
}
