import { ValueKind } from '@tandem/otlp';
import { knownAttribute } from '../../../core/conventions/attributes.ts';
import { decimalOf } from '../../../core/fields/decimal.ts';
import { attributeRate } from '../../../core/fields/sample-rate.ts';
import type { JsonAttribute } from '../../../core/files/foreign/otlp-json.ts';
import { keyValue } from '../../../core/files/foreign/otlp-json.ts';
import { parseJson } from '../../../lib/text/parse-json.ts';
import { jsonLeaves } from './json-leaves.ts';

/**
 * The attributes of a column: of a map of text, or of a column of type JSON with its types.
 * @param guessed gets the names whose texts became numbers or booleans, as the conventions have them
 */
export function attributesOf(column: unknown, guessed: Set<string>): JsonAttribute[] {
  if (!Array.isArray(column))
    return Object.entries(Object(column)).map(([key, text]) => {
      const value = ofType(String(text), knownAttribute(key)?.type);
      if (value !== undefined) guessed.add(key);
      return { key, value: value ?? { stringValue: String(text) } };
    });
  const [json, types] = column;
  return Array.from(jsonLeaves(String(json)), ([key, text]) => ({
    key,
    value: typedValue(text, String(Object(types)[key] ?? '')),
  }));
}

/** A number or a boolean, where the text is one of this type. */
function ofType(text: string, type: string | undefined): object | undefined {
  if (type === 'int' && /^-?\d{1,20}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text))
    return { intValue: text };
  if (type === 'double' && Number.isFinite(decimalOf(text))) return { doubleValue: decimalOf(text) };
  if (type === 'boolean' && (text === 'true' || text === 'false')) return { boolValue: text === 'true' };
  return undefined;
}

/** A value of a JSON column, which has whole numbers as texts where the engine's settings say so. */
function typedValue(json: string, type: string): object {
  const plain = /^(?:Array\((?:Nullable\()?)?U?Int/.test(type) ? json.replaceAll('"', '') : json;
  const known = /^U?Int/.test(type) ? 'int' : /^Float/.test(type) ? 'double' : undefined;
  return ofType(plain, known) ?? anyValue(parseJson(plain));
}

function anyValue(value: unknown): object {
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  if (typeof value !== 'object' || value === null) return keyValue('', value ?? '').value;
  const values = Object.entries(value).map(([key, each]) => ({ key, value: anyValue(each) }));
  return { kvlistValue: { values } };
}

/** How many events these attributes say that theirs stands for. */
export function rateIn(attributes: readonly JsonAttribute[]): number | undefined {
  return attributeRate(
    attributes
      .filter(isRate)
      .map(({ key, value }) => ({ key, kind: ValueKind.string, value: String(Object.values(value)[0]) })),
  );
}

/** With one rate in place of what they had in either spelling: `sampleRate` would win over `SampleRate`. */
export function withRate(attributes: readonly JsonAttribute[], rate: number): JsonAttribute[] {
  return [...attributes.filter((each) => !isRate(each)), keyValue('SampleRate', rate)];
}

function isRate({ key }: JsonAttribute): boolean {
  return key === 'SampleRate' || key === 'sampleRate';
}
