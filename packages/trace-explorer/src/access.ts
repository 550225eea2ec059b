import { createHmac } from 'node:crypto';
import { bearerToken, secretTest } from './http/bearer-token.ts';

/** Name of the page's cookie. Cookies know no ports: another server on this host must not share it. */
export const SESSION_COOKIE = 'tandem_explorer';

/** Who may use an explorer that has a token. */
export interface Access {
  /** Whether the text is the token. */
  isToken(text: string): boolean;
  /** Whether a request carries the token, or the cookie of somebody who did. */
  allows(headers: {
    readonly authorization?: string | undefined;
    readonly cookie?: string | undefined;
  }): boolean;
  /** What the cookie says: made from the token, which cannot be read from it, and valid until the token changes. */
  readonly session: string;
}

export function createAccess(token: string): Access {
  const session = createHmac('sha256', token).update('session of the trace explorer').digest('hex');
  const isToken = secretTest(token);
  const isSession = secretTest(session);
  return {
    isToken,
    allows({ authorization, cookie }) {
      const given = bearerToken(authorization);
      if (given !== undefined) return isToken(given);
      const kept = cookieOf(cookie);
      return kept !== undefined && isSession(kept);
    },
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
