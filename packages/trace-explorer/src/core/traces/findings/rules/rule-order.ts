import type { FindingRule } from '../finding.ts';

/** The names of all rules in their order. A rule leaves out the reports of an earlier rule. */
export const RULE_NAMES: readonly string[] = [
  'attempts',
  'work-after-timeout',
  'retries',
  'no-answer',
  'swallowed-error',
  'failed-request',
  'repeated-call',
  'same-call-twice',
  'same-call-at-once',
  'sequential-calls',
  'stood-still',
  'waited-for-connection',
  'slow-connect',
  'slow-call',
  'unexplained-time',
  'waiting-message',
  'logged-error',
  'lost-context',
  'lost-producer',
  'torn-trace',
  'wrong-clock',
  'impossible-id',
  'impossible-span',
];

/** Some rules in their order. */
export function inOrder(rules: readonly FindingRule[]): readonly FindingRule[] {
  return rules.toSorted((a, b) => RULE_NAMES.indexOf(a.name) - RULE_NAMES.indexOf(b.name));
}
