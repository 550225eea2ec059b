/** Characters of a text to look at. */
export const LOOKED_AT = 64 * 1024;

/** The names of passwords and keys, as they stand before a value. */
const NAME =
  '(?:^|[^a-z0-9])(?:password|passwd|pwd|passphrase|secret(?:[_-]?(?:access)?[_-]?key)?|(?:api|access|private)[_-]?key|(?:access|refresh|auth)[_-]?token|client[_-]?secret)';
/** Words that people write instead of a hidden value, or of a value that comes later. */
const PLACEHOLDER = String.raw`(?!REDACTED|\*|\?|\$|:|%s|null|undefined|none|true|false|<|\[|\{|@|x{6})`;
const VALUE = String.raw`[^\s"'&;,)}\\]`;
const QUOTE = String.raw`\\?["']`;

/**
 * The likely kind of a text, by the forms that issuers of keys document. Anybody may have sent the text, so each pattern takes
 * linear time: a repetition begins only where it cannot have begun before, or has an end.
 */
const FORMS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a private key', /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/],
  ['a JSON Web Token', /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8}/],
  ['a key of AWS or Google', /\b(?:(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{35})\b/],
  [
    'a token of GitHub, GitLab, Slack, npm or PyPI',
    /\b(?:gh[pousr]_\w{30}|github_pat_\w{30}|glpat-[\w-]{20}|xox[abprs]-[\w-]{10}|npm_[A-Za-z0-9]{36}|pypi-[\w-]{50})/,
  ],
  [
    'a key of Stripe, OpenAI, Anthropic, SendGrid or Hugging Face',
    /\b(?:[rs]k_live_\w{16}|sk-(?:ant-|proj-)?[\w-]{20}|SG\.[\w-]{22}\.[\w-]{40}|hf_[A-Za-z0-9]{30})/,
  ],
  ['a key of Honeycomb', /\bhc[a-z](?:i[kc]|mk)_[a-z0-9]{20}/],
  ['a password in a URL', /[a-z]:\/\/[^/\s:@]*:(?!REDACTED|\*|%2A|x+@|<)[^/\s@]+@/i],
  // Words of sentences: `Bearer authentication`, `Basic configuration`.
  ['a credential', /\b[Bb]earer (?!REDACTED|auth|credential|token|scheme)[\w+/=.~-]{12}/],
  ['a credential', /\bBasic (?=[\w+/]{0,64}[\dA-Z=])(?!REDACTED)[\w+/=]{12}/],
  ['a cookie', /\bcookie["']?: ?["']?[\w.-]{1,64}=(?!REDACTED)[^\s;"']{8}/i],
  [
    'a password',
    new RegExp(
      // After `=`, or in quotes, anything; after `:` alone a text with a digit, because a sentence has words there.
      [
        `${NAME}${`(?:${QUOTE})`}?\\s{0,3}=\\s{0,3}(?:${QUOTE})?${PLACEHOLDER}${VALUE}{6}`,
        `${NAME}${`(?:${QUOTE})`}?\\s{0,3}:\\s{0,3}${QUOTE}${PLACEHOLDER}${VALUE}{6}`,
        `${NAME}\\s{0,3}:\\s{0,3}(?=${VALUE}{0,64}\\d)${PLACEHOLDER}${VALUE}{6}`,
      ].join('|'),
      'i',
    ),
  ],
];

/** What may follow the part of a token that tells its form. */
const REST = '[\\w+/=.~-]*';

/** The whole of what each form of {@link FORMS} that needs no name begins, to be replaced. */
export const TOKENS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:[^-]|-(?!----))*(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g,
  ...FORMS.slice(1, 6).map(([, { source }]) => new RegExp(`${source}${REST}`, 'g')),
  // Shorter ones than a rule would call a secret, where they have a digit, which no word of a sentence has.
  /(?<=\b[Bb]earer )(?!REDACTED)(?=[\w+/=.~-]{0,64}\d)[\w+/=.~-]{6,}/g,
  /(?<=\bBasic )(?!REDACTED)(?=[\w+/]{0,64}[\dA-Z=])[\w+/=]{8,}/g,
];

/** Names whose value is always a secret. */
const SECRET_NAMES =
  /(?:^|[._-])(?:password|passwd|secret|api[_-]?key|access[_-]?token|authorization|set-cookie|cookie)$/i;

/** The likely kind of a text by its beginning; `a secret` where only its name says so. Undefined for any other text. */
export function secretFormOf(name: string, text: string): string | undefined {
  const beginning = text.slice(0, LOOKED_AT);
  const found = FORMS.find(([, pattern]) => pattern.test(beginning));
  if (found !== undefined) return found[0];
  return isSecretName(name) && !isHidden(beginning) ? 'a secret' : undefined;
}

/** Whether the value of this name is always a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAMES.test(name.slice(-64));
}

/** Whether a text hides a value: no word, one word that says so, or a text in brackets. */
function isHidden(text: string): boolean {
  const bare = text.trim().replace(/^["']|["']$/g, '');
  const [word, ...others] = text.match(/\w+/g) ?? [];
  if (word === undefined || /^(?:<.*>|\[.*\])$/s.test(bare)) return true;
  return others.length === 0 && /^(?:redacted|x+|true|false)$/i.test(word);
}
