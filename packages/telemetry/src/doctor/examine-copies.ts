import { readFileSync, realpathSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import type { Finding } from './finding.ts';

const check = 'opentelemetry';
const API = '@opentelemetry/api';

/** The versions of a package by the folders that they are installed in. */
type Copies = ReadonlyMap<string, string>;

/**
 * Which packages of OpenTelemetry the services in these folders would load, and what of it is there twice: two copies of
 * the API do not see each other's spans.
 */
export function examineCopies(directories: readonly string[]): Finding[] {
  const byName = findPackages(directories);
  const api = byName.get(API);
  if (api === undefined) {
    const what = `${API} is not installed for ${directories.join(' and ')}.`;
    return [{ check, level: 'problem', what, fix: 'Install the dependencies.' }];
  }
  const doubled = [...byName].filter(([, copies]) => copies.size > 1);
  const all = `${byName.size} of its packages in all${doubled.length === 0 ? ', one copy of each' : ''}`;
  const packages = Object.fromEntries(
    [...byName].toSorted().map(([name, copies]) => [name, versionsOf(copies)]),
  );
  const what = `api ${versionsOf(api).join(', ')}, ${all}.`;
  return [{ check, level: 'ok', what, data: { packages } }, ...doubled.map(describeCopies)];
}

function describeCopies([name, copies]: readonly [string, Copies]): Finding {
  const places = Array.from(copies, ([directory, version]) => `${version} in ${directory}`);
  const loss =
    name === API ? "they do not see each other's spans" : 'what one sets up, the other does not know';
  return {
    check,
    level: name === API ? 'problem' : 'warning',
    what: `${copies.size} copies of ${name}, and ${loss}: ${places.join(' and ')}.`,
    fix: `Install one version, with an override of your package manager; \`npm ls ${name}\` or \`pnpm why -r ${name}\` says who brings it.`,
  };
}

function versionsOf(copies: Copies): string[] {
  return [...new Set(copies.values())].toSorted();
}

/** OpenTelemetry's packages among those that the packages in these folders depend on at run time, directly or not. */
function findPackages(directories: readonly string[]): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  const folders = new Set(directories.map((directory) => realpathSync(directory)));
  // A Set is walked in the order of its entries, those that are added meanwhile too.
  for (const folder of folders) {
    const { name = '', version = '', ...manifest } = readManifest(folder);
    if (name.startsWith('@opentelemetry/'))
      found.set(name, (found.get(name) ?? new Map<string, string>()).set(folder, version));
    const { dependencies, optionalDependencies, peerDependencies } = manifest;
    for (const each of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const installed = findPackage(each, folder);
      if (installed !== undefined) folders.add(installed);
    }
  }
  return found;
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: object;
  readonly optionalDependencies?: object;
  readonly peerDependencies?: object;
}

function readManifest(folder: string): Manifest {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch {
    return {};
  }
}

/** As Node finds it; undefined when it is not installed. */
function findPackage(name: string, from: string): string | undefined {
  try {
    const manifest = module.findPackageJSON(name, `${from}/`);
    return manifest && realpathSync(dirname(manifest));
  } catch {
    return undefined;
  }
}
