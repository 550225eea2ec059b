/** Query keys whose values grant access, from the semantic conventions for `url.query`. */
const SECRET_QUERY_VALUE = /(^|[?&])(AWSAccessKeyId|Signature|sig|X-Goog-Signature)=[^&#]*/g;
const ENCODED_KEY = /(^|[?&])([^=&#]*%[^=&#]*)=[^&#]*/g;
const SECRET_KEYS: ReadonlySet<string> = new Set(['AWSAccessKeyId', 'Signature', 'sig', 'X-Goog-Signature']);
const USER_INFO = /^([a-z][a-z0-9+.-]*:)?\/\/[^/?#]*@/i;

/**
 * A query string (with or without `?`), or a URL that has one, with the values of signatures replaced by `REDACTED`
 * as the semantic conventions for `url.query` say. Keys are compared as servers read them: percent-decoded,
 * case-sensitive.
 */
export function redactQuery(query: string): string {
  // Plain searches first: every key holds `ig` or `AWS`, which few queries do.
  const redacted =
    query.includes('ig') || query.includes('AWS')
      ? query.replace(SECRET_QUERY_VALUE, '$1$2=REDACTED')
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
