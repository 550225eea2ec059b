import { plainText } from '../../lib/text/plain-text.ts';

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

/** Deeper arrays and maps have no end that a person would see. */
export const MOST_DEPTH = 100;

/** A value as text; arrays and maps as JSON. */
export function valueText(value: AnyValue | undefined): string {
  return plainText(plainValue(value));
}

/** Attributes as values of JavaScript; of two with one name the last counts. */
export function plainAttributes(
  attributes: readonly KeyValue[],
  left = MOST_DEPTH,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value, left)]));
}

/** A value as one of JavaScript. @param left levels of arrays and maps; `…` stands for further ones */
export function plainValue(value: AnyValue = {}, left = MOST_DEPTH): unknown {
  if (left === 0 && (value.arrayValue || value.kvlistValue)) return '…';
  if (value.arrayValue) return (value.arrayValue.values ?? []).map((each) => plainValue(each, left - 1));
  if (value.kvlistValue) return plainAttributes(value.kvlistValue.values ?? [], left - 1);
  const { stringValue, intValue, doubleValue, boolValue, bytesValue } = value;
  return stringValue ?? intValue ?? doubleValue ?? boolValue ?? bytesValue ?? '';
}
