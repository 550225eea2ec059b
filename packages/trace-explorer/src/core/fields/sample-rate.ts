import type { Attribute } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import { fnv1a } from '../../lib/text/fnv1a.ts';
import { decimalOf } from './decimal.ts';

/** Honeycomb's largest sample rate: the largest signed 32-bit integer. */
const MAX_RATE = 2_147_483_647;
/** Values of the 56 random bits that OpenTelemetry compares with its threshold, and their hexadecimal digits. */
const RANDOM_VALUES = 2 ** 56;
const THRESHOLD_DIGITS = 14;
/** A larger adjusted count loses its fraction. The error is below 1 %. */
const MAX_ROUNDED = 100;

/** Whether an attribute is a sample rate. A sample rate belongs to the row and is not a field. */
export function isSampleRate({ key, kind }: Attribute): boolean {
  if (key !== 'SampleRate' && key !== 'sampleRate') return false;
  return kind === ValueKind.string || kind === ValueKind.integer || kind === ValueKind.float;
}

/**
 * How many events an event with these attributes stands for, after husky. `sampleRate` takes precedence over `SampleRate`.
 * Fractions are rounded. A value below 1, or not a number, is 1. Undefined without such an attribute.
 */
export function attributeRate(attributes: readonly Attribute[]): number | undefined {
  let rate: number | undefined;
  for (const attribute of attributes) {
    if (!isSampleRate(attribute)) continue;
    if (rate === undefined || attribute.key === 'sampleRate') rate = wholeRate(attribute);
  }
  return rate;
}

/**
 * How many events a span stands for, by the threshold of its trace state: `ot=th:…` (OpenTelemetry specification, TraceState:
 * Probability Sampling) or `th=…`. Undefined without a valid threshold. An adjusted count between two whole numbers becomes one
 * of them, such that the average is right. husky chooses at random. Here the span's id decides, so that a span has the same
 * rate when it is read again.
 */
export function thresholdRate(traceState: string, spanId: string): number | undefined {
  if (traceState === '') return undefined;
  const threshold = otelThreshold(traceState) ?? legacyThreshold(traceState);
  if (threshold === undefined || !/^[0-9a-fA-F]{1,14}$/u.test(threshold)) return undefined;
  const rejected = Number.parseInt(threshold.padEnd(THRESHOLD_DIGITS, '0'), 16);
  const adjusted = RANDOM_VALUES / (RANDOM_VALUES - rejected);
  const whole = Math.floor(adjusted);
  if (whole > MAX_ROUNDED) return Math.min(MAX_RATE, whole);
  return fnv1a(spanId) / 2 ** 32 < adjusted - whole ? whole + 1 : whole;
}

function wholeRate({ kind, value }: Attribute): number {
  const number = kind === ValueKind.string ? decimalOf(value as string) : Number(value);
  const rounded = kind === ValueKind.integer ? number : Math.floor(number + 0.5);
  return rounded >= 1 ? Math.min(MAX_RATE, rounded) : 1;
}

function otelThreshold(traceState: string): string | undefined {
  for (const entry of traceState.split(',')) {
    if (!entry.startsWith('ot=')) continue;
    for (const pair of entry.slice(3).split(';')) {
      const [key, value, ...more] = pair.split(':');
      if (key === 'th' && value !== undefined && more.length === 0) return value;
    }
  }
  return undefined;
}

/** The form of the threshold before the specification. */
function legacyThreshold(traceState: string): string | undefined {
  for (const pair of traceState.split(';')) {
    const [key, value, ...more] = pair.split('=');
    if (key === 'th' && more.length === 0) return value;
  }
  return undefined;
}
