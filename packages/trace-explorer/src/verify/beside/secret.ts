import type { Attribute } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import type { Rule } from '../rule.ts';
import { findRows } from '../sample.ts';
import { secretFormOf } from './secret-forms.ts';

/** Values that look like secrets, wherever a sender puts text. The sentence has the place, and never the value. */
export const secret: Rule = async (reading) => {
  const found = await findRows(reading, ({ levels, texts }) =>
    [...Object.values(levels).flat(), ...texts].flatMap((each) => secretsIn(each)),
  );
  return found.map(({ key, ...each }) => {
    const [name = '', what = ''] = key.split('\n');
    return { ...each, words: { name, what } };
  });
};

/** The place and the form of each secret: `login.password\na secret` in a map. The decoders limit the depth. */
function secretsIn({ key, kind, value }: Attribute): string[] {
  if (typeof value === 'string') {
    const what = secretFormOf(key, value);
    return what === undefined ? [] : [`${key}\n${what}`];
  }
  if (kind === ValueKind.array)
    return (value as readonly Attribute[]).flatMap((item) => secretsIn({ ...item, key }));
  if (kind !== ValueKind.map) return [];
  const parts = value as readonly Attribute[];
  return parts.flatMap((part) => secretsIn({ ...part, key: `${key}.${part.key}` }));
}
