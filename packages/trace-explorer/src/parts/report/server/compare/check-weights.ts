import { defineProblems } from '@tandem/service-kit/http';
import { nameOf } from '../../../../core/runs/run-words.ts';
import type { Run } from '../../../../core/runs/schemas.ts';
import { node } from '../../part.node.ts';

const own = defineProblems(node.problems);

/** Refuses two runs of which one has weights: a run of chosen traces, counted trace by trace, has other shares than all. @throws problem WEIGHTS_DIFFER */
export function checkWeights(base: Run, head: Run): void {
  if (base.weighted === head.weighted) return;
  const [sampled, other] = base.weighted ? [base, head] : [head, base];
  throw own.WEIGHTS_DIFFER({
    detail: `The traces of ${nameOf(sampled)} are chosen ones, with weights, and those of ${nameOf(other)} have none. Compare two pulls, or two runs.`,
  });
}
