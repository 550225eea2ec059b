import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installFolder } from '../lib/install-folder.ts';

/** Installs the tracers that are compared with into this folder, as its lockfile says. */
export function installPeers(): void {
  installFolder(import.meta.dirname);
}

/** The version of an installed peer; `path` is a package's name, or its folder's path below this one. */
export function versionOf(path: string): string {
  const folder = path.startsWith('sdk-3/') ? path : join('node_modules', path);
  const manifest: { version: string } = JSON.parse(
    readFileSync(join(import.meta.dirname, folder, 'package.json'), 'utf8'),
  );
  return manifest.version;
}
