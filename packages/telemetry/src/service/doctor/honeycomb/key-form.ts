import type { HoneycombKeyForm } from '../../../process/secrets/honeycomb.ts';
import { formOfKey } from '../../../process/secrets/honeycomb.ts';

/** The documentation's example, or a row of x, has the right form. */
const DOCUMENTED_EXAMPLE = /^(?:hc[a-z]{2}[a-z]_)?(?:1234567890123456|x{16})/i;
const PLACEHOLDERS = [
  DOCUMENTED_EXAMPLE,
  /your|api.?key|ingest.?key|team.?key|change.?me|replace|example|placeholder|insert|paste|secret|dummy|fake|todo/i,
  /^<|>$|x{6}|\.{3}|…|\*{3}|^(?:undefined|null|none|true|false)$/i,
];

/** In the order of the search: characters around the key, other things than a key, a wrong length. */
const MISTAKES = [
  [
    'surrounded',
    /^[\s\u200b-\u200d\ufeff"'`‘’“”]|[\s\u200b-\u200d\ufeff"'`‘’“”]$/,
    'has quotes, white space or an invisible character around the key: remove them',
  ],
  [
    'not-alone',
    /\$[{(A-Za-z_]|\{\{|^%.*%$|x-honeycomb-|^bearer\s|^authorization\b|^[\w\s]+=|\s#|^[a-z][a-z0-9+.-]*:\/\//i,
    'holds more than the key, or something else: write the key alone, without a name, a header, a comment or a reference to a variable',
  ],
  [
    'management-key',
    /^hc[a-z]m[a-z]_/,
    'holds a management key, which cannot send events: make an ingest key in the environment',
  ],
  [
    'key-id',
    /^hc[a-z](?:i[kc]_[a-z0-9]{26}$|l[kc]_)/,
    'holds the ID of a key, not the key: an ingest key is its ID and its secret written together, shown once when it is made',
  ],
  [
    'placeholder',
    new RegExp(PLACEHOLDERS.map(({ source }) => source).join('|'), 'i'),
    'still holds a placeholder: put your own key there',
  ],
  [
    'characters',
    /[^A-Za-z0-9_-]/,
    'has characters that no key has (only letters, digits and _): copy the key again',
  ],
  [
    'wrong-length',
    /^.{0,21}$|^[a-f0-9]{23,31}$|^hc[a-z]i[kc]_[a-z0-9]{0,57}$|^hc[a-z]i[kc]_[a-z0-9]{59}|^.{129}/,
    'is too short or too long for a key: copy the whole key again, once',
  ],
] as const;

/** The reason why a value cannot be a key. */
export type MalformedKeyReason = (typeof MISTAKES)[number][0];

/** The form of a key, or the mistake and the length. Never holds the key, because logs may show the result. */
export type ParsedHoneycombKey =
  | { readonly kind: 'none' }
  | { readonly kind: 'key'; readonly form: HoneycombKeyForm; readonly length: number }
  | { readonly kind: 'malformed'; readonly reason: MalformedKeyReason; readonly length: number };

/** Tells the form of a key, or why the value cannot be a key. An empty value, or only white space, is not a key. */
export function parseHoneycombKey(value = ''): ParsedHoneycombKey {
  if (value.trim() === '') return { kind: 'none' };
  const { length } = value;
  const form = formOfKey(value);
  if (form !== undefined && !DOCUMENTED_EXAMPLE.test(value)) return { kind: 'key', form, length };
  const reason = MISTAKES.find(([, pattern]) => pattern.test(value))?.[0];
  return reason === undefined
    ? { kind: 'key', form: 'unknown', length }
    : { kind: 'malformed', reason, length };
}

/** The mistake and its cure, for a sentence that begins "HONEYCOMB_API_KEY". */
export function describeMalformedKey(reason: MalformedKeyReason, length: number): string {
  const description = MISTAKES.find(([each]) => each === reason)?.[2];
  return `${description} (${length} characters). ${EXPECTED_FORM}`;
}

/** Describes the form of a key, in a sentence. */
export const EXPECTED_FORM =
  'Expected: an ingest key (64 characters, hc?ik_ and 58 letters and digits), a configuration key (22 characters), ' +
  'or a classic key (32 hex characters, or hc?ic_ and 58 letters and digits).';
