import type { Attribute } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import type { Rule } from '../rule.ts';
import { findRows } from '../sample.ts';

/** What a value looks like, by the forms that issuers of keys document. */
const SECRETS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['a JSON Web Token', /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/],
  ['a key of AWS or Google', /\b(?:(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{35})\b/],
  ['a token of GitHub or Slack', /\b(?:gh[pousr]_\w{30,}|github_pat_\w{30,}|xox[abprs]-[\w-]{10,})/],
  ['a key of Stripe, OpenAI or Anthropic', /\b(?:[rs]k_live_\w{16,}|sk-(?:ant-|proj-)?[\w-]{20,})/],
  ['a password in a URL', /\b[a-z][a-z+.-]*:\/\/[^/\s:@]*:(?!REDACTED|\*|%2A|x+@|<)[^/\s@]+@/i],
  ['a credential', /\b(?:Bearer|Basic) (?!REDACTED|\*|<)[\w+/=.~-]{12,}/],
  [
    'a password',
    /(?:^|[?&;,{\s"'])(?:password|passwd|pwd|secret|api[_-]?key|access[_-]?token|client[_-]?secret)["']?\s*[=:]\s*["']?(?!REDACTED|\*|\?|\$|:|%s|null|<|\[|@)[^\s"'&;,})]{6,}/i,
  ],
];
/** Attributes whose value is a secret, whatever it looks like. */
const SECRET_NAMES =
  /(?:^|[._-])(?:password|passwd|secret|api[_-]?key|access[_-]?token|authorization|set-cookie|cookie)$/i;
const HIDDEN = /^\W*(?:REDACTED|redacted|\*+|x+|<.*>|\[.*\]|true|false)?\W*$/;

/** Values that look like secrets. The sentence has the attribute, and never the value. */
export const secret: Rule = async (reading) => {
  const found = await findRows(reading, ({ levels }) =>
    Object.values(levels).flatMap((attributes) => attributes.flatMap((each) => secretIn(each) ?? [])),
  );
  return found.map(({ key, ...each }) => {
    const [name = '', what = ''] = key.split('\n');
    return { ...each, words: { name, what } };
  });
};

function secretIn({ key, kind, value }: Attribute): string | undefined {
  const text =
    kind === ValueKind.array ? (value as readonly Attribute[]).map((item) => item.value).join(' ') : value;
  if (typeof text !== 'string') return undefined;
  const found = SECRETS.find(([, pattern]) => pattern.test(text));
  if (found !== undefined) return `${key}\n${found[0]}`;
  return SECRET_NAMES.test(key) && !HIDDEN.test(text) ? `${key}\na secret` : undefined;
}
