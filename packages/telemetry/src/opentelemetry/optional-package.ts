import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * Loads a package that not every host of telemetry has: with it would come others, for what only some ask for.
 *
 * @returns undefined when it is not installed
 */
export function loadOptional<T>(name: string): T | undefined {
  try {
    return require(name) as T;
  } catch (error) {
    if (isNotInstalled(error)) return undefined;
    throw error;
  }
}

/**
 * Loads a package that a setting needs.
 *
 * @throws Error that names the setting and the package, when it is not installed
 */
export function loadFor<T>(setting: string, name: string): T {
  const loaded = loadOptional<T>(name);
  if (loaded !== undefined) return loaded;
  const installed = name.match(/^(?:@[^/]+\/)?[^/]+/)?.[0];
  throw new Error(`${setting} needs a package that is not installed: \`npm install ${installed}\`.`);
}

function isNotInstalled(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
}
