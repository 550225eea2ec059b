import querystring from 'node:querystring';

// Values that no span and no log record may have: signatures in URLs, and attributes that the settings name.

/** Stands for a removed value. */
export const REDACTED = 'REDACTED';

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
/** A quick test for the secret keys, because nearly every query has none. */
const MAY_BE_SECRET = /sig|AWSAccessKeyId|X-|%/i;
const PAIR = /(^|[?&])([^=&#?]+)=[^&#]*/g;
const USER_INFO = /^([a-z][a-z0-9+.-]*:)?\/\/[^/?#]*@/i;

/**
 * Replaces the values of signatures by `REDACTED`, in a query string (with or without `?`), or in a URL with a query.
 * Keys are compared as servers read keys: percent-decoded, case-sensitive.
 */
export function redactQuery(query: string): string {
  if (!MAY_BE_SECRET.test(query)) return query;
  return query.replace(PAIR, (pair: string, separator: string, key: string) =>
    SECRET_KEYS.has(querystring.unescape(key)) ? `${separator}${key}=${REDACTED}` : pair,
  );
}

/** Removes user and password from a URL, and the values of signatures from the query. */
export function redactUrl(url: string): string {
  return redactQuery(url.includes('@') ? url.replace(USER_INFO, `$1//${REDACTED}:${REDACTED}@`) : url);
}

/** Whether the value of an attribute must not leave the process. */
type IsRedacted = (key: string) => boolean;

/** @param keys of attributes; `user.*` stands for all keys that begin with `user.` */
export function redactionOf(keys: readonly string[]): IsRedacted {
  const exact = new Set(keys);
  const prefixes = keys.flatMap((key) => /^(.*?)\*/.exec(key)?.[1] ?? []);
  return (key) => exact.has(key) || prefixes.some((prefix) => key.startsWith(prefix));
}

/** Replaces values of any type in place, by their path also within maps. The keys stay. */
export function redact(attributes: object | undefined, isRedacted: IsRedacted, path = ''): void {
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (isRedacted(path + key)) Reflect.set(attributes ?? {}, key, REDACTED);
    else if (typeof value === 'object' && !Array.isArray(value)) redact(value, isRedacted, `${path}${key}.`);
  }
}
