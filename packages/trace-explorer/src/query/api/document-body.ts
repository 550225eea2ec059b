import type { TSchema } from 'typebox';
import { neutralValues } from '../parse/read-by-schema.ts';

/** What a key that is not known may have, see `Problems.object`. */
const ASKS_FOR_NOTHING = {
  description: 'What is not known here may ask for nothing.',
  anyOf: [
    { enum: [null, '', 0, false] },
    { type: 'array', maxItems: 0 },
    { type: 'object', maxProperties: 0 },
  ],
} as const;

interface Schema extends TSchema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: unknown;
  readonly description?: string;
  readonly default?: unknown;
}

/**
 * The schema of a body as its document has it, with the neutral values that `readBySchema` takes as if a part was left out.
 */
export function documentBody(schema: TSchema): TSchema {
  const { properties, required = [], items, ...rest }: Schema = schema;
  if (items !== undefined) return { ...rest, items: documentBody(items) };
  if (properties === undefined) return schema;
  const parts = Object.entries(properties).map(([name, part]) => {
    const documented = documentBody(part);
    return [name, required.includes(name) ? documented : orNeutral(documented, neutralValues(part))];
  });
  return {
    ...rest,
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(parts),
    additionalProperties: ASKS_FOR_NOTHING,
  };
}

/** A part that one of the values stands for leaving out. */
export function orNeutral(part: TSchema, values: readonly unknown[]): TSchema {
  const { description = '', default: value, ...rest }: Schema = part;
  const names = values.map((each) => JSON.stringify(each)).join(' or ');
  return {
    description: `${description} ${names}: as if left out.`.trimStart(),
    ...(value !== undefined && { default: value }),
    anyOf: [rest, { enum: values }],
  };
}
