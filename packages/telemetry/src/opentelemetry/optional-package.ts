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

function isNotInstalled(error: unknown): boolean {
  return isError(error) && 'code' in error && error.code === 'MODULE_NOT_FOUND';
}
