import { categoryOf } from './about.ts';
import type { Cause } from './schemas.ts';

/** Milliseconds of lost time that weigh as much as a failed request. */
const AS_A_FAILURE_MS = 1000;
/** Time of a call that is slow by itself, and of no known part: the fault may be elsewhere, or there may be none. */
const UNSURE_SHARE = 0.25;

/** What a cause weighs: an error the requests that have it, also those that went on; any other cause failed requests and lost seconds. */
export function weightOf({
  rule,
  traces,
  failed,
  lost_ms,
  vague,
}: Pick<Cause, 'rule' | 'traces' | 'failed' | 'lost_ms' | 'vague'>): number {
  if (categoryOf(rule) === 'errors') return traces;
  const share = rule === 'slow-call' || vague === true ? UNSURE_SHARE : 1;
  return failed + (share * lost_ms) / AS_A_FAILURE_MS;
}

/** What the order of causes is made of, wherever they are told. */
interface Ordered {
  readonly isOutside: boolean;
  readonly isNew: boolean;
  readonly weight: number;
}

/** The worst first: what is outside last, as no change of the code mends it; else new ones first, then by weight. */
export function byWeight(a: Ordered, b: Ordered): number {
  return (
    Number(a.isOutside) - Number(b.isOutside) || Number(b.isNew) - Number(a.isNew) || b.weight - a.weight
  );
}

/** The causes of a range, the worst first. */
export function inOrder(causes: readonly Cause[]): Cause[] {
  const ordered = (cause: Cause) => ({
    isOutside: cause.outside === true,
    isNew: cause.new === true,
    weight: weightOf(cause),
  });
  return causes.toSorted(
    (a, b) =>
      byWeight(ordered(a), ordered(b)) ||
      b.traces - a.traces ||
      (a.last < b.last ? 1 : a.last > b.last ? -1 : a.id < b.id ? -1 : 1),
  );
}
