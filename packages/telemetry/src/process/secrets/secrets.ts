import querystring from 'node:querystring';
import { stringifyJson } from '../../common/primordials.ts';
import { KEY_IN_TEXT } from './honeycomb.ts';
import { REDACTED } from './redaction.ts';

// Texts that no log line may show: credentials of destinations, and words of foreign texts that look like a credential.

/** Shorter secrets are also parts of ordinary words. */
const MIN_SECRET_LENGTH = 4;

/** The longest foreign text that a log line holds, in characters. */
const MAX_TEXT_LENGTH = 200;

/** `Bearer x`, `Basic x`. Sentences have these words too, so a token must have a digit or end in `=`. */
const CREDENTIALS = /\b(Bearer|Basic|Token|Api-Token|ApiKey)(\s+)(?=\S*[\d=])[\w.~+/=-]{4,}/gi;

/**
 * The secrets of a destination, longest first, each in all forms that a backend may echo. Of the headers: values (also
 * without `Bearer`, and decoded from `Basic`), and names that look like tokens. Of the URL: user, password, values of the
 * query, and parts of the path that look like tokens.
 */
export function secretsOf({
  url,
  headers,
}: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}): string[] {
  const { username = '', password = '', searchParams = [], pathname = '' } = URL.parse(url) ?? {};
  const [user, word] = [querystring.unescape(username), querystring.unescape(password)];
  const secrets = [
    ...Object.values(headers).flatMap(secretsOfHeader),
    ...Object.keys(headers).filter(looksLikeToken), // a list with a key alone, or with names and values swapped
    ...(user === '' ? [] : [user, Buffer.from(`${user}:${word}`).toString('base64')]),
    password,
    word,
    ...Array.from(searchParams, ([, value]) => value),
    ...pathname.split('/').filter(looksLikeToken),
  ];
  const forms = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret.toWellFormed()),
    stringifyJson(secret).slice(1, -1),
  ]);
  return [...new Set(forms)]
    .filter((form) => form.length >= MIN_SECRET_LENGTH)
    .toSorted((a, b) => b.length - a.length);
}

function secretsOfHeader(value: string): string[] {
  const [, scheme = '', token] = /^([A-Za-z][A-Za-z-]*)\s+(\S.*)$/.exec(value) ?? [];
  if (token === undefined) return [value];
  const decoded = /^basic$/i.test(scheme) ? Buffer.from(token, 'base64').toString() : token;
  return [value, token, decoded, decoded.slice(decoded.indexOf(':') + 1)];
}

/** Whether a part of a path, or a word, is long and has letters and digits. */
function looksLikeToken(part: string): boolean {
  return part.length >= 16 && /[a-z]/i.test(part) && /\d/.test(part);
}

/** Removes secrets (see `secretsOf`), and words that have the form of a credential. */
export function withoutSecrets(text: string, secrets: readonly string[] = []): string {
  return secrets
    .filter((secret) => secret !== '')
    .reduce((clean, secret) => clean.replaceAll(secret, REDACTED), text)
    .replace(/\S+/g, withoutUser)
    .replace(/([?&][^=&?\s]*=)[^&\s"]+/g, `$1${REDACTED}`)
    .replace(CREDENTIALS, `$1$2${REDACTED}`)
    .replace(KEY_IN_TEXT, REDACTED)
    .replace(/[\w%~+=]{16,}/g, (word) => (looksLikeToken(word) ? REDACTED : word));
}

/** A word without what stands before its last `@`: after `//`, or all of it where a text begins with it and is not a URL. */
function withoutUser(word: string, at: number): string {
  const [slashes, end] = [word.indexOf('//'), word.lastIndexOf('@')];
  if (at === 0 && !/^https?:\/\//.test(word)) return end < 0 ? word : REDACTED + word.slice(end);
  return slashes < 0 || end < slashes ? word : `${word.slice(0, slashes + 2)}${REDACTED}${word.slice(end)}`;
}

/** Makes a foreign text fit for one log line: without secrets, line breaks and control characters, and cut. */
export function logSafeText(text: string, secrets: readonly string[] = []): string {
  return oneLine(withoutSecrets(text, secrets));
}

/** Makes a URL fit for a log: without user, password, query and tokens in the path. */
export function logSafeUrl(text: string, secrets: readonly string[] = []): string {
  const url = URL.parse(text);
  if (url === null) return logSafeText(text, secrets);
  const path = url.pathname.split('/').map((part) => (looksLikeToken(part) ? REDACTED : part));
  const user = url.username + url.password === '' ? '' : `${REDACTED}@`;
  const query = url.search === '' ? '' : `?${REDACTED}`;
  return withoutSecrets(`${url.protocol}//${user}${url.host}${path.join('/')}${query}`, secrets);
}

/** Control characters and line breaks become spaces; a text of more than 200 characters is cut. */
export function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length > MAX_TEXT_LENGTH ? `${line.slice(0, MAX_TEXT_LENGTH - 1)}…` : line;
}
