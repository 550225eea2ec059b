/** Query keys whose values grant access: the list of the semantic conventions (v1.44) for `url.query`. */
const SECRET_KEYS: ReadonlySet<string> = new Set([
  'X-Amz-Signature',
  'X-Amz-Credential',
  'X-Amz-Security-Token',
  'AWSAccessKeyId',
  'Signature',
  'sig',
  'X-Goog-Signature',
]);
const SECRET_VALUE = new RegExp(`(^|[?&])(${[...SECRET_KEYS].join('|')})=[^&#]*`, 'g');
const ENCODED_KEY = /(^|[?&])([^=&#?]*%[^=&#]*)=[^&#]*/g;
const USER_INFO = /^([a-z][a-z0-9+.-]*:)?\/\/[^/?#]*@/i;

/**
 * A query string (with or without `?`), or a URL that has one, with the values of signatures replaced by `REDACTED`.
 * Keys are compared as servers read them: percent-decoded, case-sensitive.
 */
export function redactQuery(query: string): string {
  // Plain searches first: each key holds one of these, and few queries do.
  const redacted =
    query.includes('ig') || query.includes('X-Amz-') || query.includes('AWS')
      ? query.replace(SECRET_VALUE, '$1$2=REDACTED')
      : query;
  return redacted.includes('%') ? redacted.replace(ENCODED_KEY, redactEncodedKey) : redacted;
}

/** A URL without what would grant access: user and password, and the values of signatures in the query. */
export function redactUrl(url: string): string {
  const withoutUser = url.includes('@') ? url.replace(USER_INFO, '$1//REDACTED:REDACTED@') : url;
  return redactQuery(withoutUser);
}

function redactEncodedKey(pair: string, separator: string, key: string): string {
  return SECRET_KEYS.has(decode(key)) ? `${separator}${key}=REDACTED` : pair;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
