import type { Attribute } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import type { Rule } from '../../rule.ts';
import { findRows } from '../../sample.ts';
import { secretFormOf } from './secret-forms.ts';

/** Values that look like secrets, wherever a sender puts text. The sentence has the place, and never the value. */
export const secret: Rule = async (reading) => {
  const found = await findRows(reading, ({ levels, texts }) =>
    [...Object.values(levels).flat(), ...texts].flatMap((each) => secretsIn(each)),
  );
  return found.map(({ key, ...each }) => ({ ...each, words: key }));
};

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
