import { createRequire } from 'node:module';

/** A path up to the package's name after the last `node_modules`. */
const PACKAGE = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/;

/** Names of packages, with the directories they were loaded from; several directories are several copies. */
export type LoadedPackages = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The packages whose CommonJS modules are loaded in this process, also by `import`. All that warnings at start ask
 * for (OpenTelemetry's packages, Fastify) are CommonJS on Node.
 */
export function loadedPackages(
  files: readonly string[] = Object.keys(createRequire(import.meta.url).cache),
): LoadedPackages {
  const packages = new Map<string, Set<string>>();
  for (const file of files) {
    const [directory, name] = PACKAGE.exec(file) ?? [];
    if (directory === undefined || name === undefined) continue;
    const known = name.replaceAll('\\', '/');
    packages.set(known, (packages.get(known) ?? new Set()).add(directory));
  }
  return packages;
}
