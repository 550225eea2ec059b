import { estimateText, hasTooFew, sightingTexts, unseenText } from '../../../core/shared/words.ts';
import type { TriggerOutcome } from '../../../core/triggers/evaluate.ts';

/** Values of the stored traces alone, which tell nothing of others. */
const OF_STORED = /^(?:MAX|MIN|COUNT_DISTINCT|RATE_MAX)$/;

/** What a trigger measured: `COUNT is ≈ 12600 ± 10 % (estimated from samples)`. */
export function measuredText({
  calculation = '',
  value,
  estimated,
  effective,
  seen,
  pulled,
}: Partial<Omit<TriggerOutcome, 'status'>>): string {
  const op = opOf(calculation);
  if (pulled !== undefined && !value) return `${calculation}: ${unseenText(pulled)}`;
  if (seen !== undefined)
    return `${calculation}: ${sightingTexts({ traces: value ?? 0, seen, pulled }).join(', ')}`;
  if (hasTooFew(op, effective)) return `${calculation}: too few traces to estimate`;
  const text = value === undefined ? 'nothing' : estimateText(written(value), op, effective);
  const isOfStored = OF_STORED.test(op);
  const of = isOfStored ? `of the ${pulled ? 'pulled' : 'stored'} traces` : 'estimated from samples';
  return `${calculation} is ${text}${(estimated && effective === undefined) || (pulled && isOfStored) ? ` (${of})` : ''}`;
}

/** `COUNT` of `COUNT(name)`. */
export function opOf(calculation: string): string {
  return calculation.replace(/\(.*/s, '');
}

/** Formats a number with the digits that matter. */
export function written(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
