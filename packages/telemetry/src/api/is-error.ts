import { types } from 'node:util';

/**
 * Whether a value is an error, also an error of another realm. Jest runs tests in a realm of their own: Node's errors are
 * no instances of the realm's `Error`.
 */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}
