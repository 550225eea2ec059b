const REDACTED = 'REDACTED';

/**
 * The URL as it may be shown in a log: user name, password and every query value replaced by REDACTED, and so
 * is anything in its path that looks like a key. A text that is no URL is only searched for keys.
 */
export function redactUrl(url: string, secrets: readonly string[] = []): string {
  if (!URL.canParse(url)) return redactText(url, secrets);
  const parsed = new URL(url);
  if (parsed.username !== '') parsed.username = REDACTED;
  if (parsed.password !== '') parsed.password = REDACTED;
  for (const name of new Set(parsed.searchParams.keys())) parsed.searchParams.set(name, REDACTED);
  parsed.pathname = parsed.pathname.replace(KEY_LIKE, REDACTED);
  parsed.hash = '';
  return withoutSecrets(parsed.href, secrets);
}

/** A foreign text made fit for one log line (see `oneLine`), without known secrets and key-like words. */
export function redactText(text: string, secrets: readonly string[] = []): string {
  return oneLine(withoutSecrets(text, secrets).replace(KEY_LIKE, REDACTED));
}

/** Control characters and line breaks become spaces; what is longer than 200 characters is cut. */
export function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}

/** Honeycomb's key forms (see honeycomb/key-form.ts), wherever they stand in a text. */
const KEY_LIKE = /\bhc[a-z]{3}_[A-Za-z0-9]+(?::[A-Za-z0-9]+)?|\b(?:[a-f0-9]{32}|[A-Za-z0-9]{22})\b/g;

function withoutSecrets(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret !== '') clean = clean.replaceAll(secret, REDACTED);
  }
  return clean;
}
