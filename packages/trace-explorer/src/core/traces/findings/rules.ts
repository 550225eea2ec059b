import { perModel } from '../../../lib/get-or-make.ts';
import type { TraceModel } from '../model/trace-model.ts';
import type { TraceFacts } from './facts.ts';
import { findWith } from './find.ts';
import type { DraftFinding, Finding, FindingRule } from './finding.ts';
import { intendedIn } from './rules/intended.ts';
import { OTHER_RULES } from './rules/other-rules.ts';
import { inOrder } from './rules/rule-order.ts';
import { USUAL_RULES } from './rules/usual-rules.ts';

export { RULE_NAMES } from './rules/rule-order.ts';

const FINDING_RULES = inOrder([...USUAL_RULES, ...OTHER_RULES]);

const RULES = new Map(FINDING_RULES.map((rule) => [rule.name, rule]));

/** The rule of a name; undefined for a name that no rule has. */
export function ruleNamed(name: string): FindingRule | undefined {
  return RULES.get(name);
}

/** The faults of a trace, in the order of the rules. Equal traces have equal findings. */
export function findingsOf(model: TraceModel): readonly Finding[] {
  return withSmallOf(model).filter(({ isSmall }) => !isSmall);
}

/** The faults of a trace, and the small ones, which are nothing to say of this trace alone. */
export const withSmallOf = perModel((model: TraceModel) =>
  findWith(FINDING_RULES, model, intendedIn(model), smallBeside),
);

/** The share of its limits from which on a rule finds small faults. */
const SMALL = 0.25;

/** What a rule finds at a share of its limits, and not as a whole fault: the dearest first. */
export function smallBeside(
  rule: FindingRule,
  facts: TraceFacts,
  found: readonly DraftFinding[],
): readonly DraftFinding[] {
  if (!rule.hasSmall) return [];
  const whole = new Set(found.flatMap(({ indexes }) => indexes));
  return rule
    .find(facts, SMALL)
    .filter(({ indexes }) => !indexes.some((index) => whole.has(index)))
    .toSorted((a, b) => b.cost - a.cost);
}
