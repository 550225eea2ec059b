import { looksLikeToken, REDACTED, withoutSecrets } from '../secrets.ts';

/** The longest foreign text that a log line holds, in characters. */
const MAX_TEXT_LENGTH = 200;

/** Honeycomb's key forms without a prefix (see honeycomb/key-form.ts), wherever they stand in a foreign text. */
const KEY_LIKE = /\b(?:[a-f0-9]{32}|[A-Za-z0-9]{22})\b/g;

/**
 * The URL as it may be shown in a log: user name, password and every query value replaced by REDACTED, and so
 * is anything in its path that looks like a key or a token. A text that is not a URL is only searched for keys.
 *
 * @param secrets further values that must not show
 */
export function logSafeUrl(url: string, secrets: readonly string[] = []): string {
  if (!URL.canParse(url)) return logSafeText(url, secrets);
  const parsed = new URL(url);
  if (parsed.username !== '') parsed.username = REDACTED;
  if (parsed.password !== '') parsed.password = REDACTED;
  for (const name of new Set(parsed.searchParams.keys())) parsed.searchParams.set(name, REDACTED);
  const parts = parsed.pathname.split('/').map((part) => (looksLikeToken(part) ? REDACTED : part));
  parsed.pathname = parts.join('/').replace(KEY_LIKE, REDACTED);
  parsed.hash = '';
  return withoutSecrets(parsed.href, secrets);
}

/**
 * A foreign text made fit for one log line (see `oneLine`), without known secrets and words that look like keys.
 *
 * @param secrets values that must not show
 */
export function logSafeText(text: string, secrets: readonly string[] = []): string {
  return oneLine(withoutSecrets(text, secrets).replace(KEY_LIKE, REDACTED));
}

/** Control characters and line breaks become spaces; what is longer than 200 characters is cut. */
export function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length > MAX_TEXT_LENGTH ? `${line.slice(0, MAX_TEXT_LENGTH - 1)}…` : line;
}
