import { isDeepStrictEqual } from 'node:util';
import type { Test } from 'tap';

/**
 * `t.strictSame` for values of hundreds of objects. It writes both out to compare them, equal or not; here that is done
 * for the difference only.
 */
export function sameLarge(t: Test, found: unknown, wanted: unknown, message: string): void {
  if (isDeepStrictEqual(found, wanted)) t.pass(message);
  else t.strictSame(found, wanted, message);
}
