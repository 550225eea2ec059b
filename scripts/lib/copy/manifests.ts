import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

type Versions = Readonly<Record<string, string>>;

interface Manifest {
  readonly scripts?: Versions;
  readonly dependencies?: Versions;
  readonly devDependencies?: Versions;
  readonly [field: string]: unknown;
}

/** The exact versions that the workspace in `root` pins, by package. */
export async function readVersions(root: string): Promise<Versions> {
  const { catalog }: { catalog: Versions } = parse(await readFile(join(root, 'pnpm-workspace.yaml'), 'utf8'));
  const { dependencies, devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return { ...dependencies, ...devDependencies, ...catalog };
}

/**
 * A manifest for npm, which knows neither catalogs nor pnpm's workspaces, and for Windows' shells: no script sets a variable.
 *
 * @param vendored paths of the packed packages from the manifest's folder, by package
 */
export function ownManifest(manifest: Manifest, pinned: Versions, vendored: Versions): Manifest {
  const { scripts, dependencies, devDependencies } = manifest;
  const versionOf = (name: string, version: string) => {
    if (vendored[name] !== undefined) return `file:${vendored[name]}`;
    return version === 'catalog:' ? pinned[name] : '*';
  };
  const resolved = (versions: Versions) =>
    Object.fromEntries(Object.entries(versions).map(([name, version]) => [name, versionOf(name, version)]));
  const withoutVariable = (commands: Versions) =>
    Object.fromEntries(Object.entries(commands).map(([name, text]) => [name, text.replace(/^\w+=\S+ /, '')]));
  return {
    ...manifest,
    ...(scripts && { scripts: withoutVariable(scripts) }),
    ...(dependencies && { dependencies: resolved(dependencies) }),
    ...(devDependencies && { devDependencies: resolved(devDependencies) }),
  } as Manifest;
}
