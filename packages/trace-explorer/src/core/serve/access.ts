import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { bearerToken, secretTest } from '../../http/bearer-token.ts';

/** Name of the page's cookie. Cookies ignore ports, so another server on this host needs another name. */
export const SESSION_COOKIE = 'tandem_explorer';

/** Lets requests in that carry the explorer's token. */
export type Access = ReturnType<typeof createAccess>;

export function createAccess(token: string) {
  const session = createHmac('sha256', token).update('session of the trace explorer').digest('hex');
  const isToken = secretTest(token);
  const isSession = secretTest(session);
  return {
    isToken,
    /** Whether a request carries the token, or the cookie of a login. */
    allows({ authorization, cookie }: Pick<IncomingHttpHeaders, 'authorization' | 'cookie'>): boolean {
      const given = bearerToken(authorization);
      if (given !== undefined) return isToken(given);
      const kept = cookieOf(cookie);
      return kept !== undefined && isSession(kept);
    },
    /** Value of the cookie. It is made from the token, but does not reveal the token. A new token makes it invalid. */
    session,
  };
}

function cookieOf(header = ''): string | undefined {
  for (const entry of header.split(';')) {
    const [name, value] = entry.trim().split('=', 2);
    if (name === SESSION_COOKIE) return value;
  }
  return undefined;
}
