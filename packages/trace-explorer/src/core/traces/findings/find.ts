import { mostOften } from '../../../lib/text/words.ts';
import type { TraceModel } from '../model/trace-model.ts';
import type { Intended, TraceFacts } from './facts.ts';
import { factsOf } from './facts.ts';
import type { DraftFinding, Finding, FindingRule } from './finding.ts';
import { sentenceText } from './sentence.ts';

/** Most findings of one rule. The findings with the highest cost stay. */
const MAX_FINDINGS_PER_RULE = 10;

/**
 * The faults of a trace by some rules, in their order.
 * @param intended what is no fault: of a trace that may have it
 * @param smallBeside finds the small ones too, which are nothing to say of this trace alone: some rules look at it twice for them
 */
export function findWith(
  rules: readonly FindingRule[],
  model: TraceModel,
  intended?: Intended,
  smallBeside?: (
    rule: FindingRule,
    facts: TraceFacts,
    found: readonly DraftFinding[],
  ) => readonly DraftFinding[],
): readonly Finding[] {
  const claimedSpans = new Set<number>();
  const facts = factsOf(model, claimedSpans, intended);
  const findings: Finding[] = [];
  for (const rule of rules) {
    const found = rule.find(facts).toSorted((a, b) => b.cost - a.cost);
    const small = smallBeside?.(rule, facts, found) ?? [];
    if (!rule.isPartial) for (const each of found) for (const index of each.indexes) claimedSpans.add(index);
    findings.push(...found.slice(0, MAX_FINDINGS_PER_RULE).map((each) => findingOf(model, rule, each)));
    findings.push(
      ...small
        .slice(0, MAX_FINDINGS_PER_RULE)
        .map((each) => findingOf(model, rule, { ...each, isSmall: true })),
    );
  }
  return findings;
}

function findingOf(model: TraceModel, rule: FindingRule, { sentence, ...found }: DraftFinding): Finding {
  const parts = typeof sentence === 'string' ? [sentence] : sentence;
  const line = lineOf(model, rule, found);
  return { rule: rule.name, sentence: sentenceText(parts), parts, ...line, ...found };
}

/** The line of most spans of a finding, or of their loop: of the first call of a loop only the helper is known. */
function lineOf(
  model: TraceModel,
  { isOfCaller, isElsewhere }: FindingRule,
  { indexes, isOutside }: Pick<DraftFinding, 'indexes' | 'isOutside'>,
): Pick<Finding, 'line'> {
  if (isOutside || isElsewhere) return {};
  const loops = isOfCaller ? indexes.flatMap((index) => model.loop(index) ?? []) : [];
  const isLoop = loops.length * 2 >= indexes.length - 1;
  const line =
    (isLoop ? mostOften(loops) : undefined) ?? mostOften(indexes.flatMap((index) => model.line(index) ?? []));
  return line === undefined ? {} : { line };
}
