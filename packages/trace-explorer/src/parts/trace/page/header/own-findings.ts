import type { Finding } from '../../../../core/traces/findings/finding.ts';
import { findingsOf } from '../../../../core/traces/findings/rules.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';

/** The faults of the trace; while it is compared with another, with the indexes that its spans have then. */
export function ownFindings(model: TraceModel): readonly Finding[] {
  const { own = model } = model;
  const findings = findingsOf(own);
  if (own === model) return findings;
  return findings.map((finding) => ({
    ...finding,
    indexes: finding.indexes.map((index) => model.indexOf(own.ref(index))),
  }));
}
