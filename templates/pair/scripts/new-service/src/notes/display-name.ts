import type { Deadline } from '@tandem/service-kit';
import Type from 'typebox';
import { Compile } from 'typebox/compile';

const isUser = Compile(Type.Object({ display_name: Type.String() }));

/** Asks user-lookup for a user's name; null for an unknown user, and while user-lookup does not answer. */
export async function displayNameOf(
  handle: string,
  userLookupUrl: string,
  { signal }: Deadline,
): Promise<string | null> {
  try {
    const response = await fetch(new URL(`/api/users/${handle}`, userLookupUrl), { signal });
    const user: unknown = await response.json();
    return response.ok && isUser.Check(user) ? user.display_name : null;
  } catch {
    signal.throwIfAborted();
    return null;
  }
}
