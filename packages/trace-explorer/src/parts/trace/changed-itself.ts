import type { SpanDifference } from '../../core/traces/model/trace-model.ts';

/** Nanoseconds from which a difference between two spans counts: less is noise. */
export const LEAST_NS = 500_000;

/** Whether a span's own time makes up most of its difference. Otherwise spans below it differ. */
export function changedItself(
  { difference, selfChange, otherDuration }: SpanDifference,
  length: number,
): boolean {
  if (difference === 'added' || difference === 'missing') return true;
  const whole = length - otherDuration;
  return Math.abs(selfChange) >= LEAST_NS && Math.abs(selfChange) >= Math.abs(whole) / 2;
}
