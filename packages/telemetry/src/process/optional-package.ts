import { createRequire } from 'node:module';

/** Resolves and loads modules as the code of this package does. */
export const ownRequire: NodeJS.Require = createRequire(import.meta.url);

/**
 * Loads a package, or an entry of this package, that only some services need.
 *
 * @returns undefined when the package is not installed
 */
export function loadOptional<T>(name: string): T | undefined {
  try {
    return ownRequire(name) as T;
  } catch (error) {
    if (Reflect.get(Object(error), 'code') === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Loads a package that a setting needs. @throws Error that names the package to install */
export function loadFor<T>(setting: string, name: string): T {
  const loaded = loadOptional<T>(name);
  if (loaded !== undefined) return loaded;
  const [packageName] = /^(?:@[^/]+\/)?[^/]+/.exec(name) ?? [];
  throw new Error(`${setting} needs a package that is not installed: \`npm install ${packageName}\`.`);
}
