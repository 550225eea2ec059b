import type { Impact, Rule } from './rule.ts';

/** The Instrumentation Score specification that the score follows: https://github.com/instrumentation-score/spec */
export const SPECIFICATION = {
  version: '0.1',
  commit: 'e6ee222742841c96dc4d121b0b4879ebac7c7cdf',
} as const;

/** The specification's rules that are not measured. */
export const NOT_MEASURED: readonly { readonly rule: string; readonly reason: string }[] = [
  ...['MET-001', 'MET-002', 'MET-003', 'MET-004', 'MET-005', 'MET-006'].map((rule) => ({
    rule,
    reason: 'the explorer keeps no metrics',
  })),
  { rule: 'SPA-003', reason: 'the specification has no criterion for it' },
];

const WEIGHTS: Readonly<Record<Impact, number>> = { Critical: 40, Important: 30, Normal: 20, Low: 10 };

/** The specification's score: the weights of the rules that hold, of the weights of all, 0 … 100. */
export function scoreOf(rules: readonly Rule[], failing: ReadonlySet<string>): number {
  const weigh = (some: readonly Rule[]) =>
    some.reduce((sum, { impact }) => sum + (impact === undefined ? 0 : WEIGHTS[impact]), 0);
  const holding = rules.filter(({ name }) => !failing.has(name));
  return (weigh(holding) / weigh(rules)) * 100;
}

export const CATEGORIES = ['Excellent', 'Good', 'Needs Improvement', 'Poor'] as const;

/** The specification's category of a score. A score between two ranges, such as 89.5, is in the lower one. */
export function categoryOf(score: number): (typeof CATEGORIES)[number] {
  if (score >= 90) return 'Excellent';
  if (score >= 75) return 'Good';
  return score >= 50 ? 'Needs Improvement' : 'Poor';
}
