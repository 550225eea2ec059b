import type { Finding, FindingCategory } from '../../../core/traces/findings/finding.ts';
import { ruleNamed } from '../../../core/traces/findings/rules.ts';
import type { Cause } from './schemas.ts';
import { ERROR, GROWING_QUEUE } from './schemas.ts';

/** What a cause is about, by its rule: a growing queue about time, an error that ends a request about errors. */
export function categoryOf(rule: string): FindingCategory {
  return ruleNamed(rule)?.category ?? (rule === GROWING_QUEUE ? 'time' : 'errors');
}

/** Whether this version has a rule: a file may name one of another version. */
export function isRule(rule: string): boolean {
  return ruleNamed(rule) !== undefined || rule === ERROR || rule === GROWING_QUEUE;
}

/** What a sighting of a cause says: its finding and the time that was lost. */
interface Told {
  readonly lost: number;
  readonly finding?: Pick<Finding, 'isOutside' | 'isSmall' | 'culprit'>;
}

/**
 * Whether a sighting shows a cause better than another one: with a finding in full, which blames something, itself and no other
 * request, and cost more.
 */
export function tellsMore(one: Told, other: Told): boolean {
  const rank = ({ finding }: Told) =>
    finding === undefined ? 0 : finding.isSmall ? 1 : finding.isOutside ? 2 : finding.culprit ? 3 : 4;
  return rank(one) === rank(other) ? one.lost > other.lost : rank(one) > rank(other);
}

/** Whether of a cause, as some traces tell it, no process could have done anything. */
export function isOutside(told: readonly Pick<Cause, 'outside'>[]): boolean {
  return told.every(({ outside }) => outside);
}
