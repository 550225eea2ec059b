import { ValueKind } from '@tandem/otlp';
import { knownAttribute } from '../../../core/conventions/attributes.ts';
import { attributeRate } from '../../../core/fields/sample-rate.ts';
import type { JsonAttribute } from '../../../core/files/foreign/otlp-json.ts';
import { keyValue } from '../../../core/files/foreign/otlp-json.ts';
import { jsonLeaves } from './json-leaves.ts';

const isWhole = (text: string) =>
  /^-?\d{1,20}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
const NUMBER = /^-?\d{1,400}(?:\.\d{1,400})?(?:[eE][+-]?\d{1,3})?$/;

/**
 * The attributes of a column: of a map of text, or of a column of type JSON with its types.
 * @param guessed gets the names whose texts became numbers or booleans, as the conventions have them
 */
export function attributesOf(column: unknown, guessed: Set<string>): JsonAttribute[] {
  if (!Array.isArray(column))
    return Object.entries(Object(column)).map(([key, value]) => ({
      key,
      value: guess(key, String(value), guessed),
    }));
  const [json, types] = column;
  return Array.from(jsonLeaves(String(json)), ([key, text]) => ({
    key,
    value: typedValue(text, String(Object(types)[key] ?? '')),
  }));
}

function guess(key: string, text: string, guessed: Set<string>): object {
  const type = knownAttribute(key)?.type;
  const value =
    type === 'int' && isWhole(text)
      ? { intValue: text }
      : type === 'double' && NUMBER.test(text) && Number.isFinite(Number(text))
        ? { doubleValue: Number(text) }
        : type === 'boolean' && (text === 'true' || text === 'false')
          ? { boolValue: text === 'true' }
          : undefined;
  if (value !== undefined) guessed.add(key);
  return value ?? { stringValue: text };
}

/** A value of a JSON column, which has whole numbers as texts where the engine's settings say so. */
function typedValue(json: string, type: string): object {
  const plain = json.startsWith('"') ? json.slice(1, -1) : json;
  if (/^U?Int\d/.test(type) && isWhole(plain)) return { intValue: plain };
  if (/^Float\d/.test(type) && Number.isFinite(Number(plain))) return { doubleValue: Number(plain) };
  return anyValue(JSON.parse(/^Array\((?:Nullable\()?U?Int/.test(type) ? json.replaceAll('"', '') : json));
}

function anyValue(value: unknown): object {
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  if (typeof value !== 'object' || value === null) return keyValue('', value ?? '').value;
  const values = Object.entries(value).map(([key, each]) => ({ key, value: anyValue(each) }));
  return { kvlistValue: { values } };
}

/** How many events these attributes say that theirs stands for. */
export function rateIn(attributes: readonly JsonAttribute[]): number | undefined {
  const own = attributes.filter(({ key }) => isRate(key));
  return attributeRate(
    own.map(({ key, value }) => ({ key, kind: ValueKind.string, value: String(Object.values(value)[0]) })),
  );
}

/** With one rate in place of what they had in either spelling: `sampleRate` would win over `SampleRate`. */
export function withRate(attributes: readonly JsonAttribute[], rate: number): JsonAttribute[] {
  const others = attributes.filter(({ key }) => !isRate(key));
  return [...others, { key: 'SampleRate', value: { intValue: String(Math.min(MOST_RATE, rate)) } }];
}

const MOST_RATE = 2_147_483_647;

function isRate(key: string): boolean {
  return key === 'SampleRate' || key === 'sampleRate';
}
