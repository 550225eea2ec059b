import { hasTooFew } from '../../core/shared/words.ts';
import { about, formatCount, formatShare } from '../values/format.ts';

export interface Failing {
  readonly count: number;
  readonly errors: number;
  /** Of an estimate: as many unsampled traces would say as much. */
  readonly effective?: number;
  readonly errors_effective?: number;
}

/** The share of failed calls, with ≈ for an estimate. */
export function failedShare({ count, errors, effective, errors_effective = effective }: Failing): string {
  return about(formatShare(errors / count), errors_effective);
}

/** Failed calls and their share: `✗ 3 (1.2 %)`. Tables have no room for how far both may be off. */
export function failedText(calls: Failing): string {
  if (hasTooFew(undefined, calls.errors_effective)) return `✗ ${about('', calls.errors_effective)}`;
  return `✗ ${about(formatCount(calls.errors), calls.errors_effective)} (${failedShare(calls)})`;
}
