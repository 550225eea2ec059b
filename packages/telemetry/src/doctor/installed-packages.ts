import { readFileSync, realpathSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';

/** A package as it is installed, once per folder. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** Absolute, links resolved. */
  readonly directory: string;
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/**
 * What the packages in these folders depend on at run time, directly or not, as Node would find it. What is not installed
 * is left out.
 */
export function installedPackages(directories: readonly string[]): InstalledPackage[] {
  const waiting = directories.map((directory) => realpathSync(directory));
  const seen = new Set(waiting);
  const packages: InstalledPackage[] = [];
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    const manifest = readManifest(directory);
    if (manifest === undefined) continue;
    const { name = directory, version = '' } = manifest;
    packages.push({ name, version, directory });
    const { dependencies, optionalDependencies, peerDependencies } = manifest;
    for (const each of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const found = findPackage(each, directory);
      if (found === undefined || seen.has(found)) continue;
      seen.add(found);
      waiting.push(found);
    }
  }
  return packages;
}

function findPackage(name: string, from: string): string | undefined {
  try {
    const manifest = module.findPackageJSON(name, `${from}/`);
    return manifest && realpathSync(dirname(manifest));
  } catch {
    return undefined; // not installed
  }
}

function readManifest(directory: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  } catch {
    return undefined;
  }
}
