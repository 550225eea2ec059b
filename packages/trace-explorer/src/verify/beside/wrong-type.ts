import type { Attribute } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import type { KnownAttribute } from '../../conventions/attributes.ts';
import { knownAttribute } from '../../conventions/attributes.ts';
import { counted } from '../../traces/findings/words.ts';
import type { Rule } from '../rule.ts';
import { usesIn } from '../sample.ts';

/** A text where the conventions want a number is no text of another type. */
const ALLOWED: Readonly<Record<NonNullable<KnownAttribute['type']>, readonly ValueKind[]>> = {
  string: [ValueKind.string],
  int: [ValueKind.integer],
  // JavaScript sends 2.0 as 2.
  double: [ValueKind.float, ValueKind.integer],
  boolean: [ValueKind.boolean],
  array: [ValueKind.array],
};

/** Values of a type that the conventions do not have for the attribute. */
export const wrongType: Rule = {
  name: 'wrong-type',
  async find(reading) {
    const uses = await usesIn(reading, ({ levels }) =>
      Object.values(levels).flatMap((attributes) => attributes.flatMap((each) => problemOf(each) ?? [])),
    );
    return uses.map(({ key, ...each }) => {
      const [name = '', expected, sent] = key.split(' ');
      return {
        ...each,
        sentence: `${name} is ${sent} on ${counted(each.count, 'row')}; the conventions have ${expected}`,
        mend: {
          node: `span.setAttribute('${name}', ${CAST[expected as keyof typeof CAST]})`,
          others: `${name} set as ${expected}`,
        },
      };
    });
  },
};

const CAST = {
  string: 'String(value)',
  int: 'Number(value)',
  double: 'Number(value)',
  boolean: 'Boolean(value)',
  array: '[value]',
} as const;

const KINDS: ReadonlyMap<ValueKind, string> = new Map([
  [ValueKind.string, 'string'],
  [ValueKind.integer, 'int'],
  [ValueKind.float, 'double'],
  [ValueKind.boolean, 'boolean'],
  [ValueKind.array, 'array'],
]);

/** `http.status_code int string`: the name, the type of the conventions, and the type that was sent. */
function problemOf({ key, kind }: Attribute): string | undefined {
  const type = knownAttribute(key)?.type;
  const sent = KINDS.get(kind);
  if (type === undefined || sent === undefined || ALLOWED[type].includes(kind)) return undefined;
  return `${key} ${type} ${sent}`;
}
