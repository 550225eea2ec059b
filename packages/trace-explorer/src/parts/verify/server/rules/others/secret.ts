import type { Attribute } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import { secretFormOf } from '../../../../../core/redaction/secret-forms.ts';
import { counted } from '../../../../../lib/text/words.ts';
import { verifyRule } from '../../rule.ts';
import { findRows } from '../../sample.ts';

/** Values that look like secrets, wherever a sender puts text. The sentence names the attribute or text, and never the value. */
export const secret = verifyRule({
  title: 'A secret in telemetry',
  find: (reading) =>
    findRows(reading, ({ levels, texts }) =>
      [...Object.values(levels).flat(), ...texts].flatMap((text) => secretsIn(text)),
    ),
  sentence: ({ count, key: { name, what } }) => `${name} looks like ${what} on ${counted(count, 'row')}`,
  node: ({ key: { name } }) =>
    `REDACTED instead of the value where ${name} is set, such as in the instrumentation’s hook or the logger, and a new secret`,
  others: ({ key: { name } }) => `The Collector’s redaction processor for ${name}, and a new secret`,
});

/** Where each secret stands, `login.password` in a map, and its form. The decoders limit the depth. */
function secretsIn({ key, kind, value }: Attribute): { name: string; what: string }[] {
  if (typeof value === 'string') {
    const what = secretFormOf(key, value);
    return what === undefined ? [] : [{ name: key, what }];
  }
  if (kind === ValueKind.array)
    return (value as readonly Attribute[]).flatMap((item) => secretsIn({ ...item, key }));
  if (kind !== ValueKind.map) return [];
  const parts = value as readonly Attribute[];
  return parts.flatMap((part) => secretsIn({ ...part, key: `${key}.${part.key}` }));
}
