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
    if (Reflect.get(Object(error), 'code') === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/**
 * Loads the packages that a setting needs, in the order of their names.
 *
 * @throws Error that names the setting, and all packages that are not installed
 */
export function loadFor<T extends unknown[]>(setting: string, ...names: { [Index in keyof T]: string }): T {
  const loaded = names.map((name) => loadOptional<unknown>(name));
  const missing = names.filter((_, index) => loaded[index] === undefined);
  if (missing.length === 0) return loaded as T;
  const packages = missing.map((name) => name.match(/^(?:@[^/]+\/)?[^/]+/)?.[0]).join(' ');
  throw new Error(`${setting} needs what is not installed: \`npm install ${packages}\`.`);
}
