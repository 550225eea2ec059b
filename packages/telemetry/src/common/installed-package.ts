import { join } from 'node:path';
import { textOf } from './files.ts';
import { parseJson } from './primordials.ts';

const INSTALLED = '/node_modules/';

/**
 * The path of a file or folder below the folder of packages that it lies in, with slashes and without a query; empty for others.
 * Also in a cache of Yarn and in a store of pnpm.
 *
 * @param of a path or URL
 */
export function installedPath(of: string): string {
  const path = of.replaceAll('\\', '/');
  const at = path.lastIndexOf(INSTALLED);
  return at === -1 ? '' : path.slice(at + INSTALLED.length).replace(/\?.*/, '');
}

/** The package of a path below a folder of packages, or of an import: `@scope/name` of `@scope/name/file.js`; empty for the empty path. */
export function libraryOf(path: string): string {
  return /^(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? '';
}

/** What a package.json says of its package. */
export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** The package.json of a folder; undefined without one, where it cannot be read, and where it is not JSON. Never throws. */
export function manifestIn(folder: string): Manifest | undefined {
  try {
    return parseJson(textOf(join(folder, 'package.json')) ?? '');
  } catch {
    return undefined;
  }
}

/** The version in the package.json of a folder. @throws where the file cannot be read, or is not JSON */
export function versionIn(folder: string): string {
  const manifest = manifestIn(folder);
  if (manifest?.version === undefined)
    throw new Error(`${folder}/package.json cannot be read, which has its version.`);
  return manifest.version;
}
