import { about, formatCount, formatShare } from '../values/format.ts';

export interface Failing {
  readonly count: number;
  readonly errors: number;
  /** Of an estimate: the stored ones. */
  readonly stored?: number;
}

/** The share of failed calls, with ≈ for an estimate. */
export function failedShare({ count, errors, stored }: Failing): string {
  return about(formatShare(errors / count), stored);
}

/** Failed calls and their share: `✗ 3 (1.2 %)`. */
export function failedText(calls: Failing): string {
  return `✗ ${about(formatCount(calls.errors), calls.stored)} (${failedShare(calls)})`;
}
