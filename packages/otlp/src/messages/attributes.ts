/** Kinds of an OTLP AnyValue, numbered as the fields of its `oneof` (opentelemetry/proto/common/v1). */
export const ValueKind = {
  none: 0,
  string: 1,
  boolean: 2,
  integer: 3,
  float: 4,
  array: 5,
  map: 6,
  bytes: 7,
} as const;
export type ValueKind = (typeof ValueKind)[keyof typeof ValueKind];

/**
 * A KeyValue. With an empty key, an AnyValue: one shape for both keeps the decoder's code monomorphic. `value` by kind: string;
 * boolean; number, or bigint beyond 2^53; number; Attribute[]; Attribute[]; Uint8Array.
 */
export interface Attribute {
  readonly key: string;
  readonly kind: ValueKind;
  readonly value: string | boolean | number | bigint | Uint8Array | readonly Attribute[] | null;
}

/** An attribute's value as a program writes it. */
export type SimpleValue = string | number | bigint | boolean | Uint8Array | null | readonly SimpleValue[];

/**
 * Values by name as attributes: whole numbers up to 2^53 as integers, other numbers as floats.
 * @example attributesOf({ 'service.name': 'web', 'app.ratio': 0.5, 'app.tags': ['a', 'b'] })
 */
export function attributesOf(values: Readonly<Record<string, SimpleValue>>): Attribute[] {
  return Object.entries(values).map(([key, value]) => attributeOf(key, value));
}

function attributeOf(key: string, value: SimpleValue): Attribute {
  switch (typeof value) {
    case 'string':
      return { key, kind: ValueKind.string, value };
    case 'boolean':
      return { key, kind: ValueKind.boolean, value };
    case 'bigint':
      return { key, kind: ValueKind.integer, value };
    case 'number':
      return { key, kind: Number.isSafeInteger(value) ? ValueKind.integer : ValueKind.float, value };
  }
  if (value === null) return { key, kind: ValueKind.none, value };
  if (value instanceof Uint8Array) return { key, kind: ValueKind.bytes, value };
  return { key, kind: ValueKind.array, value: value.map((item) => attributeOf('', item)) };
}
