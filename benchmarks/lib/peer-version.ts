import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version of a peer installed in that folder; `path` is a package's name, or its folder's path below. */
export function versionOf(folder: string, path: string): string {
  const below = path.startsWith('sdk-3/') ? path : join('node_modules', path);
  const manifest: { version: string } = JSON.parse(readFileSync(join(folder, below, 'package.json'), 'utf8'));
  return manifest.version;
}
