import { findingsOf } from '../findings/rules.ts';
import type { TraceModel } from '../model/trace-model.ts';

/** Most spans that a finding names. A number stands for further spans. */
const MOST_SPANS = 100;

/** The findings of a trace as JSON. */
export function describeFindings(model: TraceModel) {
  return findingsOf(model).map((finding) => ({
    rule: finding.rule,
    sentence: finding.sentence,
    /** The message of the exception behind the fault. */
    ...(finding.exception !== undefined && { exception: finding.exception }),
    advice: finding.advice,
    /** The number of spans at fault, and the first of them. */
    spans: finding.indexes.length,
    span_ids: finding.indexes.slice(0, MOST_SPANS).map((index) => model.ref(index)),
  }));
}
