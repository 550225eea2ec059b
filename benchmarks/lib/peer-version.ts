import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version of a package that is installed in a folder. */
export function versionOf(folder: string, name: string): string {
  const file = join(folder, 'node_modules', name, 'package.json');
  const manifest: { version: string } = JSON.parse(readFileSync(file, 'utf8'));
  return manifest.version;
}
