// What only some traces need, for their faults or beside others, is one file of the bundle.
export { intendedIn } from '../../../../core/traces/findings/rules/intended.ts';
export { OTHER_RULES } from '../../../../core/traces/findings/rules/other-rules.ts';
export { inOrder } from '../../../../core/traces/findings/rules/rule-order.ts';
export { compareTraces } from '../../compare-traces.ts';
export { withLinked } from './with-linked.ts';
