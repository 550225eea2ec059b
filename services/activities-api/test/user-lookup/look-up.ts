import type { UserDirectory } from '../../src/user-directory.ts';
import { LookupError } from '../../src/user-directory.ts';

/** Looks somebody up; answers `ok`, or the reason for which there was no answer. */
export async function lookUp(users: UserDirectory, timeoutMs: number): Promise<string> {
  try {
    await users.find(['bayko'], performance.now() + timeoutMs);
    return 'ok';
  } catch (error) {
    return error instanceof LookupError ? error.reason : String(error);
  }
}
