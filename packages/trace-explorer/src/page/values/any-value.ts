/** OTLP's AnyValue in its JSON encoding. */
export interface AnyValue {
  readonly stringValue?: string;
  readonly intValue?: string | number;
  readonly doubleValue?: number | string;
  readonly boolValue?: boolean;
  readonly bytesValue?: string;
  readonly arrayValue?: { readonly values?: readonly AnyValue[] };
  readonly kvlistValue?: { readonly values?: readonly KeyValue[] };
}

export interface KeyValue {
  readonly key: string;
  readonly value?: AnyValue;
}

/** A value as text; arrays and maps as JSON. */
export function valueText(value: AnyValue | undefined): string {
  const plain = plainValue(value);
  return typeof plain === 'object' ? JSON.stringify(plain) : String(plain);
}

/** Attributes as values of JavaScript; of two with one name the last counts. */
export function plainAttributes(attributes: readonly KeyValue[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));
}

/** A value as one of JavaScript. */
export function plainValue(value: AnyValue = {}): unknown {
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(plainValue);
  if (value.kvlistValue) return plainAttributes(value.kvlistValue.values ?? []);
  const { stringValue, intValue, doubleValue, boolValue, bytesValue } = value;
  return stringValue ?? intValue ?? doubleValue ?? boolValue ?? bytesValue ?? '';
}
