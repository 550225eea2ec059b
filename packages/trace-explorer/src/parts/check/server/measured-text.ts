import { estimateText, sightingTexts, unseenText } from '../../../core/shared/words.ts';
import type { TriggerOutcome } from '../../../core/triggers/evaluate.ts';

/** Values of the stored traces alone, which tell nothing of others. */
const OF_STORED = /^(?:MAX|MIN|COUNT_DISTINCT|RATE_MAX)$/;

/** What a trigger measured: `COUNT is ≈ 12600`. */
export function measuredText({
  calculation = '',
  value,
  estimated,
  seen,
  pulled,
}: Partial<Omit<TriggerOutcome, 'status'>>): string {
  const op = opOf(calculation);
  if (pulled !== undefined && !value) return `${calculation}: ${unseenText(pulled)}`;
  if (seen !== undefined)
    return `${calculation}: ${sightingTexts({ traces: value ?? 0, seen, pulled }).join(', ')}`;
  const text = value === undefined ? 'nothing' : estimateText(written(value), estimated);
  const isOfStored = OF_STORED.test(op);
  const of = ` (of the ${pulled ? 'pulled' : 'stored'} traces)`;
  return `${calculation} is ${text}${isOfStored && (estimated || pulled) ? of : ''}`;
}

/** `COUNT` of `COUNT(name)`. */
export function opOf(calculation: string): string {
  return calculation.replace(/\(.*/s, '');
}

/** Formats a number with the digits that matter. */
export function written(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
