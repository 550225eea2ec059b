import type { Attribute } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import { knownAttribute } from '../../../../../core/conventions/attributes.ts';
import { counted } from '../../../../../lib/text/words.ts';
import { verifyRule } from '../../rule.ts';
import { findRows } from '../../sample.ts';

/** The types of values, as the conventions name them. */
const TYPES: ReadonlyMap<ValueKind, string> = new Map([
  [ValueKind.string, 'string'],
  [ValueKind.integer, 'int'],
  [ValueKind.float, 'double'],
  [ValueKind.boolean, 'boolean'],
  [ValueKind.array, 'array'],
]);

export const wrongType = verifyRule({
  title: 'Values of the wrong type',
  find: (reading) =>
    findRows(reading, ({ levels }) =>
      Object.values(levels).flatMap((attributes) =>
        attributes.flatMap((attribute) => problemOf(attribute) ?? []),
      ),
    ),
  sentence: ({ count, key: { name, type, sent } }) =>
    `${name} is ${sent} on ${counted(count, 'row')}; the conventions have ${type}`,
  node: ({ key: { name, type } }) =>
    `span.setAttribute('${name}', …) with the value as ${type}: String(value), Number(value) or [value]`,
  others: ({ key: { name, type } }) => `${name} set as ${type}`,
});

/** Structured on log records; on spans, whose attributes may not hold maps, their JSON is allowed. */
const MAY_BE_JSON =
  /^gen_ai\.(?:input\.messages|output\.messages|system_instructions|tool\.definitions|retrieval\.documents)$/;

/** The name, the type of the conventions, and the type that was sent. */
function problemOf({ key, kind }: Attribute) {
  const [type, sent] = [knownAttribute(key)?.type, TYPES.get(kind)];
  // JavaScript sends 2.0 as 2.
  const isRight =
    type === undefined || sent === undefined || type === sent || (type === 'double' && sent === 'int');
  const isJson = sent === 'string' && MAY_BE_JSON.test(key);
  return isRight || isJson ? undefined : { name: key, type, sent };
}
