export const REDACTED = 'REDACTED';

/** Shorter values stand in too many texts that have nothing to do with them. */
const MIN_SECRET_LENGTH = 4;

/** `Bearer x`, `Basic x`, `Api-Token x`: what follows the word is the secret. */
const WITH_SCHEME = /^[A-Za-z][A-Za-z-]*\s+(\S.*)$/;

/** The same in a foreign text, where the words also stand in sentences: a token has a digit or ends in `=`. */
const CREDENTIALS = /\b(Bearer|Basic|Token|Api-Token|ApiKey)(\s+)(?=\S*[\d=])[\w.~+/=-]{4,}/gi;

/** Honeycomb's key forms with their prefix (see honeycomb/key-form.ts), wherever they stand in a text. */
const HONEYCOMB_KEY = /\bhc[a-z]{3}_[A-Za-z0-9]+(?::[A-Za-z0-9]+)?/g;

/** A part of a path that is no word: some backends have their token there. */
const MIN_TOKEN_LENGTH = 16;

/**
 * What must not show of a destination, longest first: the values of its headers, also without `Bearer` and as what
 * `Basic` encodes, and of its URL user, password, values in the query, and parts of the path that look like tokens.
 * Each in the forms in which a backend may echo it.
 */
export function secretsOf(url: string, headers: Readonly<Record<string, string>>): string[] {
  const secrets = [...Object.values(headers).flatMap(secretsOfHeader), ...secretsOfUrl(url)];
  const forms = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret.toWellFormed()),
    JSON.stringify(secret).slice(1, -1),
  ]);
  return [...new Set(forms)]
    .filter((form) => form.length >= MIN_SECRET_LENGTH)
    .toSorted((a, b) => b.length - a.length);
}

/** The text without these secrets (see `secretsOf`), and without what is a credential by its form. */
export function withoutSecrets(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret !== '') clean = clean.replaceAll(secret, REDACTED);
  }
  return clean.replace(HONEYCOMB_KEY, REDACTED).replace(CREDENTIALS, `$1$2${REDACTED}`);
}

/**
 * A text that should have been a URL, or a setting that somebody may have pasted a URL or a key into, for a message:
 * without user and password, values in a query, and credentials.
 */
export function withoutCredentials(text: string): string {
  return withoutSecrets(
    text
      .replace(/(^|\/\/)\S*@/g, `$1${REDACTED}@`)
      .replace(/([?&][^=&\s]*=)[^&\s]+/g, `$1${REDACTED}`)
      .replace(/[^/\s]+/g, (part) => (looksLikeToken(part) ? REDACTED : part)),
  );
}

/** Whether a part of a path is no word that people would choose: long, of letters and digits, or of both cases. */
function looksLikeToken(part: string): boolean {
  if (part.length < MIN_TOKEN_LENGTH || !/^[\w.~=%+-]+$/.test(part)) return false;
  return (/[a-z]/i.test(part) && /\d/.test(part)) || (/[a-z]/.test(part) && /[A-Z]/.test(part));
}

function secretsOfHeader(value: string): string[] {
  const token = WITH_SCHEME.exec(value)?.[1];
  if (token === undefined) return [value];
  if (!/^basic\s/i.test(value)) return [value, token];
  const decoded = Buffer.from(token, 'base64').toString();
  return [value, token, decoded, decoded.slice(decoded.indexOf(':') + 1)];
}

function secretsOfUrl(text: string): string[] {
  const url = URL.parse(text);
  if (url === null) return [];
  const { username, password, searchParams, pathname } = url;
  const [user, word] = [decoded(username), decoded(password)];
  const basic = username === '' ? [] : [user, word, Buffer.from(`${user}:${word}`).toString('base64')];
  return [
    username,
    password,
    ...basic,
    ...searchParams.values(),
    ...pathname.split('/').filter(looksLikeToken),
  ];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A value as messages show it: quoted, without credentials, and cut so that a pasted file does not fill the screen. */
export function quote(value: string): string {
  const shown = withoutCredentials(value);
  return JSON.stringify(shown.length > 60 ? `${shown.slice(0, 60)}…` : shown);
}

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
