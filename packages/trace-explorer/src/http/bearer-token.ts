import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Name of the scheme in OpenAPI documents. */
export const BEARER_SCHEME = 'bearerToken';

const CREDENTIALS = /^Bearer +(\S+) *$/i;

/**
 * Makes a comparison with a secret. Its time is the same for every text, so that it tells nothing about the secret.
 *
 * @example
 * const isToken = secretTest('a long random text');
 * isToken('another'); // false
 */
export function secretTest(secret: string): (text: string) => boolean {
  // All digests have one length. The key keeps a client from choosing a text by its digest.
  const key = randomBytes(32);
  const digest = (text: string) => createHmac('sha256', key).update(text).digest();
  const expected = digest(secret);
  return (text) => timingSafeEqual(digest(text), expected);
}

/** The token of an `authorization: Bearer …` header (RFC 6750); undefined without such a header. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : CREDENTIALS.exec(authorization)?.[1];
}
