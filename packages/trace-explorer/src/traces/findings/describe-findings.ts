import type { TraceModel } from '../model/trace-model.ts';
import type { Finding } from './finding.ts';
import { findingsOf } from './rules.ts';

/** Most spans that a finding names. Further spans are counted. */
const MOST_SPANS = 100;

/** The findings of a trace as JSON. */
export function describeFindings(model: TraceModel) {
  return findingsOf(model).map((finding) => ({
    rule: finding.rule,
    /** The fault, in one sentence. */
    sentence: finding.sentence,
    /** The advice for this fault. */
    advice: finding.advice,
    /** The number of spans at fault, and the first of them. */
    spans: finding.places.length,
    span_ids: finding.places.slice(0, MOST_SPANS).map((place) => model.ref(place)),
  }));
}

/** The finding's name in URLs: its rule and its first span. */
export function findingKey(model: TraceModel, { rule, places }: Finding): string {
  const [first = -1] = places;
  return first < 0 ? rule : `${rule}:${model.ref(first)}`;
}
