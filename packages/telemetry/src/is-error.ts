import { types } from 'node:util';

/**
 * Whether a value is an error, one of another realm too: Jest runs tests in a realm of their own, and what Node throws is
 * not of it.
 */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}
