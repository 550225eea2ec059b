import type { Recording } from '../recording.ts';
import type { PolicySpec } from '../rules/policy-spec.ts';
import type { Rules } from '../rules/read-rules.ts';
import { decideCollector } from './collector.ts';
import type { Decisions } from './decisions.ts';
import { decideHead } from './head.ts';
import { decideRefinery } from './refinery.ts';

/** Orders that are tried where chance decides about the order. */
const ORDERS = [1, 2, 3, 4];

/** Decisions, and other ones that are as likely or as possible. */
export interface Decided {
  readonly decisions: Decisions;
  readonly others: readonly Decisions[];
}

/** Decides about each trace. @param gate the Collector's feature gate usetracestate */
export function decide({ product, rules }: Rules, recording: Recording, gate: boolean): Decided {
  if (product === 'refinery') return { decisions: decideRefinery(recording, rules), others: [] };
  if (product === 'head') return { decisions: decideHead(recording, rules), others: [] };
  const run = (assume: boolean, order = 0) => decideCollector(recording, rules, { gate, assume, order });
  const others = rules.isBounded ? [run(true)] : [];
  if (rules.policies.some(isLimited)) others.push(...ORDERS.map((order) => run(false, order)));
  return { decisions: run(false), others };
}

/** Whether a limit per second decides, so that the order within a second counts. */
function isLimited(spec: PolicySpec): boolean {
  if (spec.type === 'rate_limiting' || spec.type === 'bytes_limiting' || spec.type === 'composite')
    return true;
  return 'policies' in spec && spec.policies.some(isLimited);
}
