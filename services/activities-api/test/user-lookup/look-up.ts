import type { Deadline } from '@tandem/service-kit';
import type { UserDirectory } from '../../src/user-lookup/call.ts';
import { LookupError } from '../../src/user-lookup/call.ts';

/** A deadline after this many milliseconds. */
export function within(milliseconds: number, signal = new AbortController().signal): Deadline {
  const end = performance.now() + milliseconds;
  return { signal, millisecondsLeft: () => end - performance.now() };
}

/** Looks a user up. Resolves with `ok`, or with the reason of the failure. */
export async function lookUp(users: UserDirectory, timeoutMs: number): Promise<string> {
  try {
    await users.find(['bayko'], within(timeoutMs));
    return 'ok';
  } catch (error) {
    return error instanceof LookupError ? error.reason : String(error);
  }
}

/** Looks a user up once. A look-up has a second: the first one may take longer on a busy machine. */
export async function warmUp(users: UserDirectory): Promise<void> {
  await lookUp(users, 10_000);
}
