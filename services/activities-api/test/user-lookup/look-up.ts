import type { Deadline } from '@tandem/service-kit';
import type { UserDirectory } from '../../src/user-lookup-call.ts';
import { LookupError } from '../../src/user-lookup-call.ts';

/** The deadline of a request that has so many milliseconds left. */
export function within(milliseconds: number, signal = new AbortController().signal): Deadline {
  const end = performance.now() + milliseconds;
  return { signal, millisecondsLeft: () => end - performance.now() };
}

/** Looks somebody up; answers `ok`, or the reason for which there was no answer. */
export async function lookUp(users: UserDirectory, timeoutMs: number): Promise<string> {
  try {
    await users.find(['bayko'], within(timeoutMs));
    return 'ok';
  } catch (error) {
    return error instanceof LookupError ? error.reason : String(error);
  }
}
