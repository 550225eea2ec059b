import { about, formatCount, formatShare } from '../values/format.ts';

/** The number of calls, and of failed calls. */
export interface Failing {
  readonly count: number;
  readonly errors: number;
  readonly estimated?: boolean;
  readonly errors_estimated?: boolean;
}

/** The share of failed calls, with ≈ for an estimate. */
export function failedShare({ count, errors, estimated, errors_estimated }: Failing): string {
  return about(formatShare(errors / count), estimated || errors_estimated);
}

/** Failed calls and their share: `✗ 3 (1.2 %)`. */
export function failedText(calls: Failing): string {
  return `✗ ${about(formatCount(calls.errors), calls.errors_estimated)} (${failedShare(calls)})`;
}
