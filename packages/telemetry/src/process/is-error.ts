import { types } from 'node:util';

/**
 * Whether a value is an error, also one of another realm: Jest runs tests in a realm of their own, in which Node's errors
 * are no instances of `Error`.
 */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}
