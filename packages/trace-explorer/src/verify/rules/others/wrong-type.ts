import type { Attribute } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import { knownAttribute } from '../../../conventions/attributes.ts';
import type { Rule } from '../../rule.ts';
import { findRows } from '../../sample.ts';

/** The types of values, as the conventions name them. */
const TYPES: ReadonlyMap<ValueKind, string> = new Map([
  [ValueKind.string, 'string'],
  [ValueKind.integer, 'int'],
  [ValueKind.float, 'double'],
  [ValueKind.boolean, 'boolean'],
  [ValueKind.array, 'array'],
]);

/** Values of a type that the conventions do not have for the attribute. */
export const wrongType: Rule = async (reading) => {
  const found = await findRows(reading, ({ levels }) =>
    Object.values(levels).flatMap((attributes) => attributes.flatMap((each) => problemOf(each) ?? [])),
  );
  return found.map(({ key, ...each }) => ({ ...each, words: key }));
};

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
