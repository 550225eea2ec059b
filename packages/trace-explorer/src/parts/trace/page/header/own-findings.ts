import type { Intended } from '../../../../core/traces/findings/facts.ts';
import { findWith } from '../../../../core/traces/findings/find.ts';
import type { Finding } from '../../../../core/traces/findings/finding.ts';
import {
  mayBreakOthers,
  mayIntend,
  USUAL_RULES,
} from '../../../../core/traces/findings/rules/usual-rules.ts';
import type { TraceOutline } from '../../../../core/traces/model/outline.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';

let rules = USUAL_RULES;
/** Absent until a trace may have what is meant so. */
let intended: ((model: TraceModel) => Intended) | undefined;

/** Loads what only some traces need: the other rules, and what is meant so. To be called before `ownFindings`. */
export async function loadRules(outline: TraceOutline): Promise<void> {
  const breaksOthers = mayBreakOthers(outline);
  if (!breaksOthers && !mayIntend(outline)) return;
  const { inOrder, intendedIn, OTHER_RULES } = await import('../state/seldom.ts');
  intended = intendedIn;
  if (breaksOthers) rules = inOrder([...USUAL_RULES, ...OTHER_RULES]);
}

/** The faults of the trace; while it is compared with another, with the indexes that its spans have then. */
export function ownFindings(model: TraceModel): readonly Finding[] {
  const { own = model } = model;
  const findings = findWith(rules, own, intended?.(own));
  if (own === model) return findings;
  return findings.map((finding) => ({
    ...finding,
    indexes: finding.indexes.map((index) => model.indexOf(own.ref(index))),
  }));
}
