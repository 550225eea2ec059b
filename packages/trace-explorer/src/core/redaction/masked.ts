import { isSecretName, TOKENS } from './secret-forms.ts';
import { REDACTED } from './secret-values.ts';

/** Names of secrets, at their end: PGPASSWORD, --api-key, x-honeycomb-team, sig. */
export const SECRET_NAME = String.raw`[\w.-]*(?:passw(?:or)?d|pwd|passphrase|secret|token|credentials?|authorization|cookie|honeycomb[._-]team|(?<![a-z])(?:pass|auth|key|sig|pat|dsn)|(?:api|access|private|secret|signing|account)key|signature|session[._-]?id)`;
/** A value: a text in quotes, or what follows up to a blank or the end of a pair. */
export const SECRET_VALUE = String.raw`(?:(?:Bearer|Basic|Token) +)?(?:"(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s"'&;,}\\]+)`;
/** User and password in a URL. */
export const USER_INFO =
  /((?<![a-z])[a-z][a-z0-9+.-]{0,30}:\/\/)(?:[^\s"'/@]{1,500}|[^\s"'/:@]{0,100}:(?!\d{1,5}[/\s])[^\s"']{0,500})(?=@)/gi;
/** The same in a URL that is cut before its host. */
const CUT_USER_INFO =
  /((?<![a-z])[a-z][a-z0-9+.-]{0,30}:\/\/[^\s"'/:@]{0,100}:)(?!\d{1,5}(?:[/\s…]|$))[^\s"'/@…]{1,500}(?=…|\.{3})/gi;

/** What people write instead of a value, or of one that comes later. */
const NO_VALUE = String.raw`(?!\\?["']?(?:REDACTED|\*|\?|\$|%s|null\b|undefined\b|none\b|true\b|false\b|<|\[|\{))`;
const NAMED = String.raw`((?<![\w.-])${SECRET_NAME}\\?["']?`;

/** Secrets within a text, each with what stands before it. After a colon alone a sentence has words, so a value there has quotes or a digit. */
const WITHIN: readonly RegExp[] = [
  USER_INFO,
  CUT_USER_INFO,
  /(\b(?:set-)?cookie\\?["']?\s{0,3}[:=](?![\s"'\\]{0,5}REDACTED)\s{0,3}\\?["']?)[^"'\\\n]+/gi,
  new RegExp(String.raw`${NAMED}\s{0,3}=\s{0,3}\\?)${NO_VALUE}${SECRET_VALUE}`, 'gi'),
  new RegExp(String.raw`${NAMED}\s{0,3}:\s{0,3}\\?)${NO_VALUE}(?=["'])${SECRET_VALUE}`, 'gi'),
  new RegExp(
    String.raw`${NAMED}\s{0,3}:\s{0,3})${NO_VALUE}(?=(?:(?:Bearer|Basic|Token) +)?[^\s"'&;,}\\]{0,64}\d)${SECRET_VALUE}`,
    'gi',
  ),
];

/** A quick look, because nearly every text has none: a sign of each form. */
const MAY_HAVE_ONE =
  /[=:]|PRIVATE KEY|bearer |Basic |eyJ|AKIA|ASIA|AIza|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|npm_|pypi-|k_live_|sk-|SG\.|hf_|hc[a-z](?:ik|ic|mk)_/i;

/**
 * A text that goes to somebody else, without secrets: passwords in URLs, values of names such as `apikey`, and the forms that
 * issuers of keys document. Paths, hashes and ids stay. The same for a text that went through it before.
 */
export function masked(text: string): string {
  if (!MAY_HAVE_ONE.test(text)) return text;
  let rest = text;
  for (const pattern of TOKENS) rest = rest.replace(pattern, REDACTED);
  for (const pattern of WITHIN) rest = rest.replace(pattern, `$1${REDACTED}`);
  return rest;
}

/** All texts of a value of JSON, masked. What has a name that is always a secret's goes whole, also in the form of OTLP. */
export function maskedIn<T>(value: T): T {
  return maskedPart(value, false) as T;
}

function maskedPart(value: unknown, isSecret: boolean): unknown {
  if (typeof value === 'string') return isSecret && value !== '' ? REDACTED : masked(value);
  if (Array.isArray(value)) return value.map((item) => maskedPart(item, isSecret));
  if (typeof value !== 'object' || value === null) return value;
  const { key } = value as { readonly key?: unknown };
  const isNamed = typeof key === 'string' && isSecretName(key);
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      masked(name),
      maskedPart(part, name !== 'key' && (isSecret || isNamed || isSecretName(name))),
    ]),
  );
}
