import type { Impact, VerifyRule } from './rule.ts';
import { VERIFY_RULES } from './rules.ts';

/** The Instrumentation Score specification that the score follows: https://github.com/instrumentation-score/spec */
export const SPECIFICATION = {
  version: '0.1',
  commit: 'e6ee222742841c96dc4d121b0b4879ebac7c7cdf',
} as const;

/** The specification's rules without a measurement here. */
export const NOT_MEASURED: readonly { readonly rule: string; readonly reason: string }[] = [
  ...[1, 2, 3, 4, 5, 6].map((n) => ({ rule: `MET-00${n}`, reason: 'the explorer keeps no metrics' })),
  { rule: 'SPA-003', reason: 'the specification has no criterion for it' },
];

const WEIGHTS: Readonly<Record<Impact, number>> = { Critical: 40, Important: 30, Normal: 20, Low: 10 };

/** The specification's rules, of which the score is made. */
export const SCORED_RULES: Readonly<Record<string, VerifyRule>> = Object.fromEntries(
  Object.entries<VerifyRule>(VERIFY_RULES).filter(([, { impact }]) => impact !== undefined),
);

/** The names of the specification's rules. */
export const SCORED = Object.keys(SCORED_RULES);

function pointsOf(rule: string): number {
  const impact = SCORED_RULES[rule]?.impact;
  return impact === undefined ? 0 : WEIGHTS[impact];
}

/** The specification's score: the weights of the rules that hold, of the weights of all that are measured, 0 … 100. */
export function scoreOf(failing: ReadonlySet<string>, measured: readonly string[] = SCORED): number {
  const weigh = (some: readonly string[]) => some.reduce((sum, rule) => sum + pointsOf(rule), 0);
  return (weigh(measured.filter((rule) => !failing.has(rule))) / weigh(measured)) * 100;
}

export const CATEGORIES = ['Excellent', 'Good', 'Needs Improvement', 'Poor'] as const;

/** The specification's category of a score. A score between two ranges, such as 89.5, is in the lower one. */
export function categoryOf(score: number): (typeof CATEGORIES)[number] {
  if (score >= 90) return 'Excellent';
  if (score >= 75) return 'Good';
  return score >= 50 ? 'Needs Improvement' : 'Poor';
}
