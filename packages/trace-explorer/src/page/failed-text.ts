import { about, formatCount, formatShare } from './format.ts';

/** How often something was called, and how often that failed. */
export interface Calls {
  readonly count: number;
  readonly errors: number;
  readonly estimated?: boolean;
  readonly errors_estimated?: boolean;
}

/** The share of calls that failed, with ≈ where it is an estimate. */
export function failedShare({ count, errors, estimated, errors_estimated }: Calls): string {
  return about(formatShare(errors / count), estimated || errors_estimated);
}

/** Failed calls and their share: `✗ 3 (1.2 %)`. */
export function failedText(of: Calls): string {
  return `✗ ${about(formatCount(of.errors), of.errors_estimated)} (${failedShare(of)})`;
}
