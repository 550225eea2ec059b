import { estimateText, formatCount, seenText } from '../../../lib/text/words.ts';
import type { TriggerOutcome } from './evaluate.ts';

/** What a trigger measured: `COUNT is ≈ 12600`; of a finding in sampled traces `COUNT(rule): ≈ 12,600 traces, seen in 30`. */
export function measuredText({
  calculation = '',
  value = Number.NaN,
  estimated,
  seen,
}: Partial<Omit<TriggerOutcome, 'status'>>): string {
  if (seen === 0) return `${calculation}: none seen`;
  if (seen !== undefined)
    return `${calculation}: ${value === seen ? `seen in ${formatCount(seen)}` : seenText({ traces: value, seen })}`;
  return `${calculation} is ${Number.isNaN(value) ? 'nothing' : estimateText(written(value), estimated)}`;
}

/** Formats a number with the digits that matter. */
export function written(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
