import type { TObjectOptions, TProperties } from 'typebox';
import Type from 'typebox';

/** An object with these properties and no others. */
export function strictObject<Properties extends TProperties>(
  properties: Properties,
  options: TObjectOptions = {},
) {
  return Type.Object(properties, { additionalProperties: false, ...options });
}
