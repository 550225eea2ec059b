import { createRequire } from 'node:module';
import { isError } from '../is-error.ts';

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
 * Loads what an installed package brings along: a dependency of its own, which its host need not see.
 *
 * @throws Error when it does not
 */
export function loadOf<T>(installed: string, name: string): T {
  return createRequire(require.resolve(installed))(name) as T;
}

function isNotInstalled(error: unknown): boolean {
  return isError(error) && 'code' in error && error.code === 'MODULE_NOT_FOUND';
}
