// What only some traces need, beside others, is one file of the bundle.
export { compareTraces } from '../../compare-traces.ts';
export { withLinked } from './with-linked.ts';
