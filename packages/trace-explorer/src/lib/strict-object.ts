import type { TObjectOptions, TProperties } from 'typebox';
// Not the default export, with which the page would bundle 20 KB instead of 3.
import * as Type from 'typebox';

/** An object with these properties and no others. */
export function strictObject<Properties extends TProperties>(
  properties: Properties,
  options: TObjectOptions = {},
) {
  return Type.Object(properties, { additionalProperties: false, ...options });
}
