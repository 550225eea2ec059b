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
